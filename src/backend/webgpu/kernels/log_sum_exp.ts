import type { Storage } from '../../backend.ts';
import { logSumExp as shader } from '../generated/log_sum_exp.ts';
import type { Recorder } from '../recorder.ts';
import { type RowRange, rowRanges, rowsOf } from '../row-ranges.ts';
import { accessOf, heldSlot, isFrontToBack, loadSlot, reduceSlots } from '../row-slots.ts';
import type { RowPlan } from '../strategy.ts';

interface Task {
  rows: number;
  columns: number;
  logits: Storage;
  /** null: every row counts */
  mask: Storage | null;
  stats: Storage;
}

export function dispatchLogSumExp(recorder: Recorder, task: Task, plan: RowPlan): void {
  for (const range of rowRanges(task.rows, task.columns, recorder.maxBinding)) dispatchRange(recorder, task, plan, range);
}

/** The stats of one range of rows. */
export function dispatchRange(recorder: Recorder, task: Task, plan: RowPlan, range: RowRange): void {
  const { strategy, parts, run } = plan;
  const rows = range.count;
  const { columns } = task;
  const params = { rows, columns, masked: task.mask ? 1 : 0, parts, run };
  const slots = { ...loadSlot(accessOf(columns, isFrontToBack(plan))), ...reduceSlots(plan), ...heldSlot(plan, columns) };
  const logits = rowsOf(task.logits, range, columns);
  // Without a mask any read-only storage fills the binding: the kernel does not look at it.
  const mask = task.mask ? rowsOf(task.mask, range, 1) : logits;
  const stats = rowsOf(task.stats, range, 2);
  if (strategy === 'held' || strategy === 'packed') {
    recorder.dispatch(shader, `log_sum_exp_${strategy}`, { params, slots, bindings: { logits, mask, stats }, invocations: rows });
  } else if (strategy === 'workgroup' || strategy === 'held_workgroup') {
    recorder.dispatch(shader, `log_sum_exp_${strategy}`, { params, slots, bindings: { logits, mask, stats }, workgroups: rows });
  } else {
    const partStats = recorder.create('float', 2 * rows * parts, 'undefined');
    const bindings = { logits, mask, parts: partStats, stats };
    if (strategy === 'split') recorder.dispatch(shader, 'log_sum_exp_split', { params, slots, bindings, invocations: rows * parts });
    else recorder.dispatch(shader, 'log_sum_exp_split_workgroups', { params, slots, bindings, workgroups: rows * parts });
    recorder.dispatch(shader, 'log_sum_exp_merge', { params, slots, bindings, invocations: rows });
    partStats.dispose();
  }
}
