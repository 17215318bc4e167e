import type { Backend } from '../../backend.ts';
import { logSoftmax as shader } from '../generated/log_softmax.ts';
import type { Recorder } from '../recorder.ts';
import { rowRanges, rowsOf } from '../row-ranges.ts';
import { accessOf, heldNormaliseSlot, heldSlot, isFrontToBack, loadSlot, reduceSlots, storeSlot } from '../row-slots.ts';
import type { RowParts, RowPlan } from '../strategy.ts';
import { dispatchRange as dispatchStats } from './log_sum_exp.ts';

type Task = Parameters<Backend['logSoftmax']>[0];

/** `plan` says how rows are reduced; `normalise`, how they are cut to be normalised where that is a pass of its own. */
export function dispatchLogSoftmax(recorder: Recorder, task: Task, plan: RowPlan, normalise: RowParts): void {
  const { columns } = task;
  const { strategy } = plan;
  const isSplit = strategy === 'split' || strategy === 'split_workgroups';
  const access = accessOf(columns, isSplit ? normalise.run > 0 : isFrontToBack(plan));
  const slots = {
    ...loadSlot(access),
    ...storeSlot(access),
    ...reduceSlots(plan),
    ...heldSlot(plan, columns),
    ...heldNormaliseSlot(plan, columns),
  };
  const stats = isSplit ? recorder.create('float', 2 * task.rows, 'undefined') : null;
  for (const range of rowRanges(task.rows, columns, recorder.maxBinding)) {
    const rows = range.count;
    const params = { rows, columns, parts: plan.parts, run: plan.run };
    const bindings = { logits: rowsOf(task.logits, range, columns), result: rowsOf(task.logProbs, range, columns) };
    if (stats) {
      dispatchStats(recorder, { ...task, mask: null, stats }, plan, range);
      recorder.dispatch(shader, 'log_softmax_normalise', {
        params: { ...params, ...normalise },
        slots,
        bindings: { ...bindings, stats: rowsOf(stats, range, 2) },
        invocations: rows * normalise.parts,
      });
    } else if (strategy === 'held' || strategy === 'packed') {
      recorder.dispatch(shader, `log_softmax_${strategy}`, { params, slots, bindings, invocations: rows });
    } else if (strategy === 'workgroup' || strategy === 'held_workgroup') {
      recorder.dispatch(shader, `log_softmax_${strategy}`, { params, slots, bindings, workgroups: rows });
    }
  }
  stats?.dispose();
}
