import { DisposedError } from '../../core/errors.ts';
import type { Backend, Storage } from '../backend.ts';
import { openDevice } from './device.ts';
import { dispatchKlBaseline, dispatchRunningMean, dispatchSameRank, dispatchSortBatch } from './kernels/batch_statistics.ts';
import { dispatchEnsembleMeasure, dispatchEnsembleTrain } from './kernels/ensemble_train.ts';
import { dispatchGroupLosses } from './kernels/group_losses.ts';
import { dispatchKlGradient } from './kernels/kl_gradient.ts';
import { dispatchLogSoftmax } from './kernels/log_softmax.ts';
import { dispatchLogSumExp } from './kernels/log_sum_exp.ts';
import { dispatchNormalisedSlopes } from './kernels/normalised_slopes.ts';
import { dispatchOptimizerStep } from './kernels/optimizer_step.ts';
import { dispatchPairLosses } from './kernels/pair_losses.ts';
import { dispatchFeaturesLogits, dispatchHiddenGradient, dispatchUnembeddingGradient } from './kernels/policy_features.ts';
import { dispatchTableGradient, dispatchTableLogits } from './kernels/policy_table.ts';
import { dispatchPreferenceGradients } from './kernels/preference_gradients.ts';
import { dispatchRandomWords } from './kernels/random_words.ts';
import { dispatchSampleCategorical } from './kernels/sample_categorical.ts';
import { dispatchSequenceLogps } from './kernels/sequence_logps.ts';
import { dispatchWeightGradient, dispatchWeightLogps } from './kernels/token_weights.ts';
import { dispatchWpoPairs, dispatchWpoScores } from './kernels/wpo_weights.ts';
import { GpuStorage, Recorder } from './recorder.ts';
import { chooseRowStrategy } from './strategy.ts';

function gpuStorage(storage: Storage): GpuStorage {
  if (storage instanceof GpuStorage) return storage;
  throw new DisposedError('A tensor of another engine was passed in. Upload the data to this engine.');
}

/** Opens a device. Rejects with a WebGpuUnavailableError where there is none. */
export async function createWebGpuBackend(): Promise<Backend> {
  const { device, adapter } = await openDevice();
  const recorder = new Recorder(device);
  return {
    kind: 'webgpu',
    adapter,
    maxStorageLength: recorder.maxStorageLength,
    lost: recorder.lost,
    upload(data) {
      const isIndices = data instanceof Uint32Array;
      const storage = recorder.create(isIndices ? 'u32' : 'float', data.length);
      recorder.write(storage, isIndices ? Uint32Array.from(data) : Float32Array.from(data));
      return storage;
    },
    allocate: (type, length) => recorder.create(type, length),
    read: async (storage) => new Float32Array(await recorder.read(gpuStorage(storage))),
    readIndices: async (storage) => new Uint32Array(await recorder.read(gpuStorage(storage))),
    copy: (source, target, at) => recorder.copy(gpuStorage(source), gpuStorage(target), at),
    done: () => recorder.done(),
    dispose: () => recorder.dispose(),
    logSoftmax: (task) => dispatchLogSoftmax(recorder, task, task.strategy ?? chooseRowStrategy(task.rows, task.columns, adapter)),
    logSumExp: (task) => dispatchLogSumExp(recorder, task, task.strategy ?? chooseRowStrategy(task.rows, task.columns, adapter)),
    sequenceLogps: (task) => dispatchSequenceLogps(recorder, task),
    pairLosses: (task) => dispatchPairLosses(recorder, task),
    groupLosses: (task) => dispatchGroupLosses(recorder, task),
    sortBatch: (task) => dispatchSortBatch(recorder, task),
    sameRank: (task) => dispatchSameRank(recorder, task),
    klBaseline: (task) => dispatchKlBaseline(recorder, task),
    runningMean: (task) => dispatchRunningMean(recorder, task),
    wpoScores: (task) => dispatchWpoScores(recorder, task),
    wpoPairs: (task) => dispatchWpoPairs(recorder, task),
    weightLogps: (task) => dispatchWeightLogps(recorder, task),
    weightGradient: (task) => dispatchWeightGradient(recorder, task),
    preferenceGradients: (task) => dispatchPreferenceGradients(recorder, task),
    tableLogits: (task) => dispatchTableLogits(recorder, task),
    tableGradient: (task) => dispatchTableGradient(recorder, task),
    featuresLogits: (task) => dispatchFeaturesLogits(recorder, task),
    hiddenGradient: (task) => dispatchHiddenGradient(recorder, task),
    unembeddingGradient: (task) => dispatchUnembeddingGradient(recorder, task),
    klGradient: (task) => dispatchKlGradient(recorder, task),
    randomWords: (task) => dispatchRandomWords(recorder, task),
    sampleCategorical: (task) => dispatchSampleCategorical(recorder, task),
    normalisedSlopes: (task) => dispatchNormalisedSlopes(recorder, task),
    optimizerStep: (task) => dispatchOptimizerStep(recorder, task),
    ensembleTrain: (task) => dispatchEnsembleTrain(recorder, task),
    ensembleMeasure: (task) => dispatchEnsembleMeasure(recorder, task),
  };
}
