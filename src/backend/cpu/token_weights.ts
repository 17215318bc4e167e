import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of token_weights_logps in shaders/token_weights.wgsl. */
export const weightLogps: Backend['weightLogps'] = (task) => {
  const { sequences, positions, columns } = task;
  const x = floats(task.logits);
  const token = indices(task.tokens);
  const counted = indices(task.mask);
  const s = floats(task.stats);
  const weight = floats(task.tokenWeights);
  const out = floats(task.weightedLogps);
  for (let sequence = 0; sequence < sequences; sequence++) {
    let total = 0;
    for (let t = 0; t < positions; t++) {
      const row = sequence * positions + t;
      if (counted[row] === 0) continue;
      const logp = (x[row * columns + (token[row] as number)] as number) - (s[2 * row] as number) - (s[2 * row + 1] as number);
      total += (weight[row] as number) * logp;
    }
    out[sequence] = total;
  }
};

/** Twin of token_weights_gradient. */
export const weightGradient: Backend['weightGradient'] = ({ sequences, positions, columns, tokenWeights, gradient }) => {
  const weight = floats(tokenWeights);
  const g = floats(gradient);
  for (let element = 0; element < sequences * positions * columns; element++)
    g[element] = (g[element] as number) * (weight[Math.floor(element / columns)] as number);
};
