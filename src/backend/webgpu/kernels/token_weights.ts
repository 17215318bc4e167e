import type { Backend } from '../../backend.ts';
import { tokenWeights as shader } from '../generated/token_weights.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchWeightLogps(recorder: Recorder, task: Parameters<Backend['weightLogps']>[0]): void {
  const { sequences, positions, columns, logits, tokens, mask, stats, tokenWeights, weightedLogps } = task;
  recorder.dispatch(shader, 'token_weights_logps', {
    params: { sequences, positions, columns },
    bindings: { logits, tokens, mask, stats, token_weights: tokenWeights, weighted_logps: weightedLogps },
    invocations: sequences,
  });
}

export function dispatchWeightGradient(recorder: Recorder, task: Parameters<Backend['weightGradient']>[0]): void {
  const { sequences, positions, columns, tokenWeights, gradient } = task;
  recorder.dispatch(shader, 'token_weights_gradient', {
    params: { sequences, positions, columns },
    bindings: { token_weights: tokenWeights, gradient },
    invocations: sequences * positions * columns,
  });
}
