import type { Backend } from '../../backend.ts';
import { wpoWeights as shader } from '../generated/wpo_weights.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchWpoScores(recorder: Recorder, task: Parameters<Backend['wpoScores']>[0]): void {
  const { sequences, positions, columns, logits, tokens, mask, stats, scores } = task;
  const side = task.side === 'chosen' ? 0 : 1;
  recorder.dispatch(shader, 'wpo_weights_scores', {
    params: { pairs: sequences, positions, vocabulary: columns, side, columns: 0, column: 0 },
    bindings: { logits, tokens, mask, stats, scores },
    invocations: sequences,
  });
}

export function dispatchWpoPairs(recorder: Recorder, task: Parameters<Backend['wpoPairs']>[0]): void {
  const { pairs, columns, column, scores, pairInputs } = task;
  recorder.dispatch(shader, 'wpo_weights_pairs', {
    params: { pairs, positions: 0, vocabulary: 0, side: 0, columns, column },
    bindings: { scores, pair_inputs: pairInputs },
    invocations: pairs,
  });
}
