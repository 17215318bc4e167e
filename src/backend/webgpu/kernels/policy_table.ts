import type { Backend } from '../../backend.ts';
import { policyTable as shader } from '../generated/policy_table.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchTableLogits(recorder: Recorder, task: Parameters<Backend['tableLogits']>[0]): void {
  const { rows, columns, table, contexts, offsets, logits } = task;
  recorder.dispatch(shader, 'policy_table_logits', {
    params: { rows, columns, table_rows: 0, chosen_rows: 0, has_offsets: offsets ? 1 : 0 },
    // Without offsets any read-only storage fills their bindings: the kernel does not look at them.
    bindings: { table, contexts, offset_table: offsets?.table ?? table, offset_rows: offsets?.rows ?? contexts, logits },
    invocations: rows * columns,
  });
}

export function dispatchTableGradient(recorder: Recorder, task: Parameters<Backend['tableGradient']>[0]): void {
  const { tableRows, columns, chosenRows, chosenGradient, rejectedGradient, members, gradient } = task;
  recorder.dispatch(shader, 'policy_table_gradient', {
    params: { rows: 0, columns, table_rows: tableRows, chosen_rows: chosenRows, has_offsets: 0 },
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
