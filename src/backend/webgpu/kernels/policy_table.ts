import type { Backend } from '../../backend.ts';
import { policyTable as shader } from '../generated/policy_table.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchTableLogits(recorder: Recorder, task: Parameters<Backend['tableLogits']>[0]): void {
  const { rows, columns, table, contexts, logits } = task;
  recorder.dispatch(shader, 'policy_table_logits', {
    params: { rows, columns, table_rows: 0, chosen_rows: 0 },
    bindings: { table, contexts, logits },
    invocations: rows * columns,
  });
}

export function dispatchTableGradient(recorder: Recorder, task: Parameters<Backend['tableGradient']>[0]): void {
  const { tableRows, columns, chosenRows, chosenGradient, rejectedGradient, members, gradient } = task;
  recorder.dispatch(shader, 'policy_table_gradient', {
    params: { rows: 0, columns, table_rows: tableRows, chosen_rows: chosenRows },
    bindings: {
      offsets: members.offsets,
      members: members.rows,
      chosen_gradient: chosenGradient,
      rejected_gradient: rejectedGradient,
      gradient,
    },
    invocations: tableRows * columns,
  });
}
