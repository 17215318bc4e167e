import type { FurtherKernels } from '../backend.ts';
import { dispatchEnsembleMeasure, dispatchEnsembleTrain, prepareEnsemble } from './kernels/ensemble_train.ts';
import { dispatchGroupLosses } from './kernels/group_losses.ts';
import { dispatchKlGradient, planKlGradient } from './kernels/kl_gradient.ts';
import { dispatchNormalisedSlopes } from './kernels/normalised_slopes.ts';
import { dispatchRandomWords } from './kernels/random_words.ts';
import { dispatchRegressionOutcome, dispatchRegressionTrain, prepareRegressions } from './kernels/regression_train.ts';
import { dispatchRowGradients } from './kernels/row_gradients.ts';
import { dispatchSampleCategorical } from './kernels/sample_categorical.ts';
import { dispatchSimplexFlow } from './kernels/simplex_flow.ts';
import { dispatchTanhLayer, dispatchTanhLayerGradient, dispatchTanhLayerSlopes } from './kernels/tanh_layer.ts';
import type { Recorder } from './recorder.ts';
import { type AdapterTraits, planElementwise, planRows } from './strategy.ts';

export const furtherKernels = (recorder: Recorder, traits: AdapterTraits): FurtherKernels => ({
  groupLosses: (task) => dispatchGroupLosses(recorder, task),
  rowGradients: (task) => {
    const [rows, columns] = [task.sequences * task.positions, task.columns];
    dispatchRowGradients(recorder, task, planRows(rows, columns, traits, task), planElementwise(rows, columns, traits));
  },
  normalisedSlopes: (task) => dispatchNormalisedSlopes(recorder, task),
  klGradient: (task) => dispatchKlGradient(recorder, task, planKlGradient(task.rows, task.columns, traits, task)),
  randomWords: (task) => dispatchRandomWords(recorder, task),
  sampleCategorical: (task) => dispatchSampleCategorical(recorder, task),
  simplexFlow: (task) => dispatchSimplexFlow(recorder, task),
  tanhLayer: (task) => dispatchTanhLayer(recorder, task),
  tanhLayerGradient: (task) => dispatchTanhLayerGradient(recorder, task),
  tanhLayerSlopes: (task) => dispatchTanhLayerSlopes(recorder, task),
  prepareEnsemble: (task) => prepareEnsemble(recorder, task),
  ensembleTrain: (task) => dispatchEnsembleTrain(recorder, task),
  ensembleMeasure: (task) => dispatchEnsembleMeasure(recorder, task),
  prepareRegressions: (task) => prepareRegressions(recorder, task),
  regressionTrain: (task) => dispatchRegressionTrain(recorder, task),
  regressionOutcome: (task) => dispatchRegressionOutcome(recorder, task),
});
