import type { RowStrategy, Storage } from '../../backend.ts';
import { logSumExp as shader } from '../generated/log_sum_exp.ts';
import type { Recorder } from '../recorder.ts';
import { partsOf } from '../strategy.ts';

interface Task {
  rows: number;
  columns: number;
  logits: Storage;
  /** null: every row counts */
  mask: Storage | null;
  stats: Storage;
}

export function dispatchLogSumExp(recorder: Recorder, { rows, columns, logits, mask, stats }: Task, strategy: RowStrategy): void {
  const parts = strategy === 'split' ? partsOf(columns) : 1;
  const params = { rows, columns, masked: mask ? 1 : 0, parts };
  // Without a mask any read-only storage fills the binding: the kernel does not look at it.
  const bindings = { logits, mask: mask ?? logits, stats };
  if (strategy === 'packed') {
    recorder.dispatch(shader, 'log_sum_exp_packed', { params, bindings, invocations: rows });
  } else if (strategy === 'workgroup') {
    recorder.dispatch(shader, 'log_sum_exp_workgroup', { params, bindings, workgroups: rows });
  } else {
    const partStats = recorder.create('float', 2 * rows * parts);
    recorder.dispatch(shader, 'log_sum_exp_split', { params, bindings: { ...bindings, parts: partStats }, invocations: rows * parts });
    recorder.dispatch(shader, 'log_sum_exp_merge', { params, bindings: { ...bindings, parts: partStats }, invocations: rows });
    partStats.dispose();
  }
}
