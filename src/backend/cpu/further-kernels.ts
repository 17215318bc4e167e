import type { FurtherKernels } from '../backend.ts';
import { ensembleMeasure, ensembleTrain } from './ensemble_train.ts';
import { groupLosses } from './group_losses.ts';
import { klGradient } from './kl_gradient.ts';
import { normalisedSlopes } from './normalised_slopes.ts';
import { randomWords } from './random_words.ts';
import { regressionOutcome, regressionTrain } from './regression_train.ts';
import { rowGradients } from './row_gradients.ts';
import { sampleCategorical } from './sample_categorical.ts';
import { simplexFlow } from './simplex_flow.ts';
import { tanhLayer, tanhLayerGradient, tanhLayerSlopes } from './tanh_layer.ts';

export const furtherKernels: FurtherKernels = {
  groupLosses,
  rowGradients,
  normalisedSlopes,
  klGradient,
  randomWords,
  sampleCategorical,
  simplexFlow,
  tanhLayer,
  tanhLayerGradient,
  tanhLayerSlopes,
  prepareEnsemble: () => Promise.resolve(), // nothing is compiled
  ensembleTrain,
  ensembleMeasure,
  prepareRegressions: () => Promise.resolve(),
  regressionTrain,
  regressionOutcome,
};
