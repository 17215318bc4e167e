import type { FurtherKernels } from '../../backend.ts';
import { normalisedSlopes as shader } from '../generated/normalised_slopes.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchNormalisedSlopes(recorder: Recorder, task: Parameters<FurtherKernels['normalisedSlopes']>[0]): void {
  const { sequences, positions, columns, dimensions, residuals, contexts, hidden, unembedding, weights, slopes } = task;
  recorder.dispatch(shader, 'normalised_slopes', {
    params: {
      sequences,
      positions,
      columns,
      dimensions,
      hidden_trained: task.hiddenTrained ? 1 : 0,
      unembedding_trained: task.unembeddingTrained ? 1 : 0,
      side: task.side === 'chosen' ? 0 : 1,
    },
    bindings: { residuals, contexts, hidden, unembedding, weights, slopes },
    invocations: sequences,
  });
}
