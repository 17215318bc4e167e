import type { FurtherKernels } from '../backend.ts';
import { dispatchEnsembleMeasure, dispatchEnsembleTrain, prepareEnsemble } from './kernels/ensemble_train.ts';
import { dispatchGroupLosses } from './kernels/group_losses.ts';
import { dispatchKlGradient } from './kernels/kl_gradient.ts';
import { dispatchRandomWords } from './kernels/random_words.ts';
import { dispatchRegressionOutcome, dispatchRegressionTrain, prepareRegressions } from './kernels/regression_train.ts';
import { dispatchSampleCategorical } from './kernels/sample_categorical.ts';
import { dispatchSimplexFlow } from './kernels/simplex_flow.ts';
import { dispatchTanhLayer, dispatchTanhLayerGradient, dispatchTanhLayerSlopes } from './kernels/tanh_layer.ts';
import type { Recorder } from './recorder.ts';

export const furtherKernels = (recorder: Recorder): FurtherKernels => ({
  groupLosses: (task) => dispatchGroupLosses(recorder, task),
  klGradient: (task) => dispatchKlGradient(recorder, task),
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
