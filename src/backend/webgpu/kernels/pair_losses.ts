import type { Backend } from '../../backend.ts';
import { pairLosses as shader } from '../generated/pair_losses.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchPairLosses(recorder: Recorder, task: Parameters<Backend['pairLosses']>[0]): void {
  recorder.dispatch(shader, 'pair_losses', {
    params: { pairs: task.pairs },
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
