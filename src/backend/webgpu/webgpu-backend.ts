import { DisposedError } from '../../core/errors.ts';
import type { Backend, Storage } from '../backend.ts';
import { openDevice } from './device.ts';
import { dispatchKlBaseline, dispatchRunningMean, dispatchSameRank, dispatchSortBatch } from './kernels/batch_statistics.ts';
import { dispatchLogSoftmax } from './kernels/log_softmax.ts';
import { dispatchLogSumExp } from './kernels/log_sum_exp.ts';
import { dispatchOptimizerStep } from './kernels/optimizer_step.ts';
import { dispatchPairLosses } from './kernels/pair_losses.ts';
import { dispatchFeaturesLogits, dispatchHiddenGradient, dispatchUnembeddingGradient } from './kernels/policy_features.ts';
import { dispatchTableGradient, dispatchTableLogits } from './kernels/policy_table.ts';
import { dispatchPreferenceGradients } from './kernels/preference_gradients.ts';
import { dispatchSequenceLogps } from './kernels/sequence_logps.ts';
import { dispatchWeightGradient, dispatchWeightLogps } from './kernels/token_weights.ts';
import { dispatchWpoPairs, dispatchWpoScores } from './kernels/wpo_weights.ts';
import { GpuStorage, Recorder } from './recorder.ts';
import { planElementwise, planRows } from './strategy.ts';

function gpuStorage(storage: Storage): GpuStorage {
  if (storage instanceof GpuStorage) return storage;
  throw new DisposedError('A tensor of another engine was passed in. Upload the data to this engine.');
}

const float32 = (data: Float32Array | Float64Array): Float32Array => (data instanceof Float32Array ? data : new Float32Array(data));

/** `writeBuffer` copies at once, so a copy is needed only of what other threads may change. */
function unshared<T extends Float32Array | Uint32Array>(data: T): (Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) & T {
  return (data.buffer instanceof ArrayBuffer ? data : data.slice()) as (Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>) & T;
}

/** What tests pretend of the adapter, to reach strategies and limits that it would not show. */
export interface WebGpuOverrides {
  isFallback?: boolean;
  subgroups?: boolean;
  /** invocations that a workgroup may have */
  laneLimit?: number;
  /** bytes that one storage binding may hold */
  maxBinding?: number;
}

/** Opens a device. Rejects with a WebGpuUnavailableError where there is none, or none of hardware where that is asked for. */
export async function createWebGpuBackend(overrides: WebGpuOverrides = {}, wish: { hardwareOnly?: boolean } = {}): Promise<Backend> {
  const { device, adapter } = await openDevice(wish);
  const traits = { ...adapter, laneLimit: device.limits.maxComputeInvocationsPerWorkgroup, ...overrides };
  const recorder = new Recorder(device, overrides.maxBinding);
  return {
    kind: 'webgpu',
    adapter,
    maxStorageLength: recorder.maxStorageLength,
    lost: recorder.lost,
    upload: (data) =>
      data instanceof Uint32Array ? recorder.upload('u32', unshared(data)) : recorder.upload('float', unshared(float32(data))),
    allocate: (type, length, contents) => recorder.create(type, length, contents),
    read: async (storage) => new Float32Array(await recorder.read(gpuStorage(storage))),
    readIndices: async (storage) => new Uint32Array(await recorder.read(gpuStorage(storage))),
    copy: (source, target, at) => recorder.copy(gpuStorage(source), gpuStorage(target), at),
    done: () => recorder.done(),
    rehearse: (work) => recorder.rehearse(work),
    dispose: () => recorder.dispose(),
    logSoftmax(task) {
      const { rows, columns } = task;
      dispatchLogSoftmax(recorder, task, planRows(rows, columns, traits, task), planElementwise(rows, columns, traits));
    },
    logSumExp: (task) => dispatchLogSumExp(recorder, task, planRows(task.rows, task.columns, traits, task)),
    sequenceLogps: (task) => dispatchSequenceLogps(recorder, task),
    pairLosses: (task) => dispatchPairLosses(recorder, task),
    sortBatch: (task) => dispatchSortBatch(recorder, task),
    sameRank: (task) => dispatchSameRank(recorder, task),
    klBaseline: (task) => dispatchKlBaseline(recorder, task),
    runningMean: (task) => dispatchRunningMean(recorder, task),
    wpoScores: (task) => dispatchWpoScores(recorder, task),
    wpoPairs: (task) => dispatchWpoPairs(recorder, task),
    weightLogps: (task) => dispatchWeightLogps(recorder, task),
    weightGradient: (task) => dispatchWeightGradient(recorder, task),
    preferenceGradients: (task) =>
      dispatchPreferenceGradients(recorder, task, planElementwise(task.sequences * task.positions, task.columns, traits)),
    tableLogits: (task) => dispatchTableLogits(recorder, task),
    tableGradient: (task) => dispatchTableGradient(recorder, task),
    featuresLogits: (task) => dispatchFeaturesLogits(recorder, task),
    hiddenGradient: (task) => dispatchHiddenGradient(recorder, task),
    unembeddingGradient: (task) => dispatchUnembeddingGradient(recorder, task),
    optimizerStep: (task) => dispatchOptimizerStep(recorder, task),
    further: () => import('./further-kernels.ts').then(({ furtherKernels }) => furtherKernels(recorder, traits)),
  };
}
