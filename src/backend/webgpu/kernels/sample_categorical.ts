import type { FurtherKernels } from '../../backend.ts';
import { sampleCategorical as shader } from '../generated/sample_categorical.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchSampleCategorical(recorder: Recorder, task: Parameters<FurtherKernels['sampleCategorical']>[0]): void {
  const { rows, columns, draws, seed, stream, round, logits, stats, samples } = task;
  recorder.dispatch(shader, 'sample_categorical', {
    params: { rows, columns, draws, seed, stream, round },
    bindings: { logits, stats, samples },
    invocations: Math.ceil((rows * draws) / 4),
  });
}
