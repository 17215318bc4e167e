import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/sequence_logps.wgsl. */
export const sequenceLogps: Backend['sequenceLogps'] = ({ sequences, positions, columns, logits, tokens, mask, stats, logps }) => {
  const x = floats(logits);
  const token = indices(tokens);
  const counted = indices(mask);
  const s = floats(stats);
  const out = floats(logps);
  for (let sequence = 0; sequence < sequences; sequence++) {
    let total = 0;
    for (let t = 0; t < positions; t++) {
      const row = sequence * positions + t;
      if (counted[row] === 0) continue;
      total += (x[row * columns + (token[row] as number)] as number) - (s[2 * row] as number) - (s[2 * row + 1] as number);
    }
    out[sequence] = total;
  }
};
