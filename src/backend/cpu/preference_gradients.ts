import type { Backend } from '../backend.ts';
import { isRowBefore } from './row_stats.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/preference_gradients.wgsl. */
export const preferenceGradients: Backend['preferenceGradients'] = (task) => {
  const { sequences, positions, columns } = task;
  const x = floats(task.logits);
  const token = indices(task.tokens);
  const counted = indices(task.mask);
  const s = floats(task.stats);
  const slopes = floats(task.slopes);
  const gradient = floats(task.gradient);
  const side = task.side === 'chosen' ? 0 : sequences;
  const probs = new Float64Array(columns); // of the row before
  for (let row = 0; row < sequences * positions; row++) {
    const first = row * columns;
    if (counted[row] === 0) {
      gradient.fill(0, first, first + columns);
      continue;
    }
    const slope = slopes[side + Math.floor(row / positions)] as number;
    const peak = s[2 * row] as number;
    const logTotal = s[2 * row + 1] as number;
    const isSame = counted[row - 1] === 1 && s[2 * row - 2] === peak && s[2 * row - 1] === logTotal && isRowBefore(x, row, columns);
    if (!isSame) {
      const scale = Math.exp(-logTotal); // e^(x - peak) · e^-logTotal: an ensemble has the first factors already, and gets these bits
      for (let v = 0; v < columns; v++) probs[v] = Math.exp((x[first + v] as number) - peak) * scale;
    }
    for (let v = 0; v < columns; v++) gradient[first + v] = -slope * (probs[v] as number);
    const own = token[row] as number;
    gradient[first + own] = -slope * Math.expm1((x[first + own] as number) - peak - logTotal);
  }
};
