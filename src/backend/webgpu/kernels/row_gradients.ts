import type { FurtherKernels } from '../../backend.ts';
import { rowGradients as shader } from '../generated/row_gradients.ts';
import type { Recorder } from '../recorder.ts';
import { rowRanges, rowsOf } from '../row-ranges.ts';
import { accessOf, heldGradientSlot, heldSlot, isFrontToBack, loadSlot, reduceSlots, storeSlot } from '../row-slots.ts';
import type { RowParts, RowPlan } from '../strategy.ts';
import { dispatchLogSumExp } from './log_sum_exp.ts';
import { dispatchPreferenceGradients } from './preference_gradients.ts';

type Task = Parameters<FurtherKernels['rowGradients']>[0];

/** `plan` says how rows are reduced; `parts`, how they are cut for their gradients where those are a pass of their own. */
export function dispatchRowGradients(recorder: Recorder, task: Task, plan: RowPlan, parts: RowParts): void {
  const { sequences, positions, columns, slopes } = task;
  const { strategy } = plan;
  const rows = sequences * positions;
  if (strategy === 'split' || strategy === 'split_workgroups') {
    // several invocations or workgroups read a row: none of them has its stats while it still holds its part
    dispatchLogSumExp(recorder, { rows, ...task }, plan);
    dispatchPreferenceGradients(recorder, task, parts);
    return;
  }
  const access = accessOf(columns, isFrontToBack(plan));
  for (const range of rowRanges(rows, columns, recorder.maxBinding)) {
    recorder.dispatch(shader, `row_gradients_${strategy}`, {
      params: {
        rows: range.count,
        first_row: range.first,
        pairs: sequences,
        positions,
        columns,
        side: task.side === 'chosen' ? 0 : 1,
        parts: plan.parts,
        run: plan.run,
      },
      slots: {
        ...loadSlot(access),
        ...storeSlot(access),
        ...reduceSlots(plan),
        ...heldSlot(plan, columns),
        ...heldGradientSlot(plan, columns),
      },
      bindings: {
        slopes,
        logits: rowsOf(task.logits, range, columns),
        tokens: rowsOf(task.tokens, range, 1),
        mask: rowsOf(task.mask, range, 1),
        stats: rowsOf(task.stats, range, 2),
        result: rowsOf(task.gradient, range, columns),
      },
      ...(strategy === 'workgroup' || strategy === 'held_workgroup' ? { workgroups: range.count } : { invocations: range.count }),
    });
  }
}
