import type { FurtherKernels } from '../../backend.ts';
import { groupLosses as shader } from '../generated/group_losses.ts';
import type { Recorder } from '../recorder.ts';

/** Items first: a slope reads those of the whole group. An item reads its sums over tokens, and a token's slope that of its response. */
export function dispatchGroupLosses(recorder: Recorder, task: Parameters<FurtherKernels['groupLosses']>[0]): void {
  const { responses, logps, membership, shares, items, losses, slopes, tokens } = task;
  const positions = tokens?.positions ?? 0;
  const shared = {
    params: { responses, positions },
    slots: { group_objective: task.objective.wgsl },
    bindings: {
      objective_parameters: task.objectiveParameters,
      group_inputs: task.groupInputs,
      logps,
      membership,
      shares,
      items,
      losses,
      slopes,
      token_logps: tokens?.tokenLogps ?? logps,
      token_inputs: tokens?.tokenInputs ?? logps,
      token_sums: tokens?.tokenSums ?? losses, // not read without sums over tokens
      token_slopes: tokens?.tokenSlopes ?? slopes,
    },
    invocations: responses,
  };
  if (tokens) recorder.dispatch(shader, 'group_losses_token_sums', shared);
  recorder.dispatch(shader, 'group_losses_items', shared);
  recorder.dispatch(shader, 'group_losses', shared);
  if (tokens) recorder.dispatch(shader, 'group_losses_tokens', { ...shared, invocations: responses * positions });
}
