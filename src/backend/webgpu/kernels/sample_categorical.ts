import type { FurtherKernels } from '../../backend.ts';
import { sampleCategorical as shader } from '../generated/sample_categorical.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchSampleCategorical(recorder: Recorder, task: Parameters<FurtherKernels['sampleCategorical']>[0]): void {
  const { runs, rows, columns, draws, seeds, stream, round, logits, stats, samples } = task;
  recorder.dispatch(shader, 'sample_categorical', {
    params: { rows, columns, draws, runs, stream, round },
    bindings: { logits, stats, samples, seeds },
    invocations: runs * Math.ceil((rows * draws) / 4),
  });
}
