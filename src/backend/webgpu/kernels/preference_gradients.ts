import type { Backend } from '../../backend.ts';
import { preferenceGradients as shader } from '../generated/preference_gradients.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchPreferenceGradients(recorder: Recorder, task: Parameters<Backend['preferenceGradients']>[0]): void {
  const { sequences, positions, columns, logits, tokens, mask, stats, slopes, gradient } = task;
  recorder.dispatch(shader, 'preference_gradients', {
    params: { pairs: sequences, positions, columns, side: task.side === 'chosen' ? 0 : 1 },
    bindings: { logits, tokens, mask, stats, slopes, gradient },
    invocations: sequences * positions * columns,
  });
}
