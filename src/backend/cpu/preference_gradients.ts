import type { Backend } from '../backend.ts';
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
  for (let row = 0; row < sequences * positions; row++) {
    const first = row * columns;
    if (counted[row] === 0) {
      gradient.fill(0, first, first + columns);
      continue;
    }
    const slope = slopes[side + Math.floor(row / positions)] as number;
    const peak = s[2 * row] as number;
    const logTotal = s[2 * row + 1] as number;
    const scale = Math.exp(-logTotal); // e^(x - peak) · e^-logTotal: an ensemble has the first factors already, and gets these bits
    for (let v = 0; v < columns; v++) {
      const beyond = (x[first + v] as number) - peak;
      gradient[first + v] = -slope * (v === token[row] ? Math.expm1(beyond - logTotal) : Math.exp(beyond) * scale);
    }
  }
};
