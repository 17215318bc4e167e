import type { Backend } from '../../backend.ts';
import { preferenceGradients as shader } from '../generated/preference_gradients.ts';
import type { Recorder } from '../recorder.ts';
import { rowRanges, rowsOf } from '../row-ranges.ts';
import { accessOf, loadSlot, storeSlot } from '../row-slots.ts';
import type { RowParts } from '../strategy.ts';

export function dispatchPreferenceGradients(
  recorder: Recorder,
  task: Parameters<Backend['preferenceGradients']>[0],
  parts: RowParts,
): void {
  const { sequences, positions, columns, slopes } = task;
  const access = accessOf(columns, parts.run > 0);
  for (const range of rowRanges(sequences * positions, columns, recorder.maxBinding)) {
    recorder.dispatch(shader, 'preference_gradients', {
      params: {
        rows: range.count,
        first_row: range.first,
        pairs: sequences,
        positions,
        columns,
        side: task.side === 'chosen' ? 0 : 1,
        ...parts,
      },
      slots: { ...loadSlot(access), ...storeSlot(access) },
      bindings: {
        slopes,
        logits: rowsOf(task.logits, range, columns),
        tokens: rowsOf(task.tokens, range, 1),
        mask: rowsOf(task.mask, range, 1),
        stats: rowsOf(task.stats, range, 2),
        result: rowsOf(task.gradient, range, columns),
      },
      invocations: range.count * parts.parts,
    });
  }
}
