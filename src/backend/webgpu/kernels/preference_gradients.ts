import type { Backend } from '../../backend.ts';
import { preferenceGradients as shader } from '../generated/preference_gradients.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchPairLosses(recorder: Recorder, task: Parameters<Backend['pairLosses']>[0]): void {
  recorder.dispatch(shader, 'pair_losses', {
    params: { pairs: task.pairs, positions: 0, columns: 0, side: 0 },
    bindings: {
      objective_parameters: task.objectiveParameters,
      chosen_logps: task.chosenLogps,
      rejected_logps: task.rejectedLogps,
      pair_inputs: task.pairInputs,
      weights: task.weights,
      losses: task.losses,
      slopes: task.slopes,
    },
    slots: { objective: task.objective.wgsl },
    invocations: task.pairs,
  });
}

export function dispatchPreferenceGradients(recorder: Recorder, task: Parameters<Backend['preferenceGradients']>[0]): void {
  const { sequences, positions, columns, logits, tokens, mask, stats, slopes, gradient } = task;
  recorder.dispatch(shader, 'preference_gradients', {
    params: { pairs: sequences, positions, columns, side: task.side === 'chosen' ? 0 : 1 },
    bindings: { logits, tokens, mask, stats, side_slopes: slopes, gradient },
    slots: { objective: task.objective.wgsl },
    invocations: sequences * positions * columns,
  });
}
