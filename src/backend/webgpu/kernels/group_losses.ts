import type { FurtherKernels } from '../../backend.ts';
import { groupLosses as shader } from '../generated/group_losses.ts';
import type { Recorder } from '../recorder.ts';

/** Items first: a slope reads those of the whole group. */
export function dispatchGroupLosses(recorder: Recorder, task: Parameters<FurtherKernels['groupLosses']>[0]): void {
  const { groups, responses, logps, membership, weights, items, losses, slopes } = task;
  const shared = {
    params: { groups, responses },
    slots: { group_objective: task.objective.wgsl },
    bindings: {
      objective_parameters: task.objectiveParameters,
      group_inputs: task.groupInputs,
      logps,
      membership,
      weights,
      items,
      losses,
      slopes,
    },
    invocations: responses,
  };
  recorder.dispatch(shader, 'group_losses_items', shared);
  recorder.dispatch(shader, 'group_losses', shared);
}
