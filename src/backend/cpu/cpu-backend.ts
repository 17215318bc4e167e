import type { Backend } from '../backend.ts';
import { klBaseline, runningMean, sameRank, sortBatch } from './batch_statistics.ts';
import { logSoftmax } from './log_softmax.ts';
import { logSumExp } from './log_sum_exp.ts';
import { optimizerStep } from './optimizer_step.ts';
import { pairLosses } from './pair_losses.ts';
import { featuresLogits, hiddenGradient, unembeddingGradient } from './policy_features.ts';
import { tableGradient, tableLogits } from './policy_table.ts';
import { preferenceGradients } from './preference_gradients.ts';
import { sequenceLogps } from './sequence_logps.ts';
import { CpuStorage, floats, indices } from './storage.ts';
import { weightGradient, weightLogps } from './token_weights.ts';
import { wpoPairs, wpoScores } from './wpo_weights.ts';

/** Plain float64 loops: what runs where there is no WebGPU, and the oracle that the WGSL is tested against. */
export function createCpuBackend(): Backend {
  return {
    kind: 'cpu',
    adapter: null,
    maxStorageLength: 2 ** 27, // a gigabyte
    lost: new Promise(() => {}),
    upload: (data) => new CpuStorage(data instanceof Uint32Array ? data.slice() : Float64Array.from(data)),
    allocate: (type, length) => new CpuStorage(type === 'u32' ? new Uint32Array(length) : new Float64Array(length)),
    read: async (storage) => floats(storage).slice(),
    readIndices: async (storage) => indices(storage).slice(),
    copy: (source, target, at) => floats(target).set(floats(source), at),
    done: async () => {},
    rehearse: async () => {}, // nothing is compiled
    dispose: () => {},
    logSoftmax,
    logSumExp,
    sequenceLogps,
    pairLosses,
    sortBatch,
    sameRank,
    klBaseline,
    runningMean,
    wpoScores,
    wpoPairs,
    weightLogps,
    weightGradient,
    preferenceGradients,
    tableLogits,
    tableGradient,
    featuresLogits,
    hiddenGradient,
    unembeddingGradient,
    optimizerStep,
    further: () => import('./further-kernels.ts').then(({ furtherKernels }) => furtherKernels),
  };
}
