import type { Backend } from '../backend.ts';
import { isRowBefore, rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/log_sum_exp.wgsl. */
export const logSumExp: Backend['logSumExp'] = ({ rows, columns, logits, mask, stats }) => {
  const x = floats(logits);
  const counted = indices(mask);
  const out = floats(stats);
  for (let row = 0; row < rows; row++) {
    if (counted[row] === 0) continue;
    if (counted[row - 1] === 1 && isRowBefore(x, row, columns)) out.copyWithin(2 * row, 2 * row - 2, 2 * row);
    else [out[2 * row], out[2 * row + 1]] = rowStats(x, row * columns, columns);
  }
};
