import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of wpo_weights_scores in shaders/wpo_weights.wgsl. */
export const wpoScores: Backend['wpoScores'] = ({ sequences, positions, columns, logits, tokens, mask, stats, side, scores }) => {
  const x = floats(logits);
  const token = indices(tokens);
  const counted = indices(mask);
  const s = floats(stats);
  const out = floats(scores);
  for (let sequence = 0; sequence < sequences; sequence++) {
    let total = 0;
    let count = 0;
    for (let t = 0; t < positions; t++) {
      const row = sequence * positions + t;
      if (counted[row] === 0) continue;
      const logp = (v: number) => (x[row * columns + v] as number) - (s[2 * row] as number) - (s[2 * row + 1] as number);
      let squares = 0;
      for (let v = 0; v < columns; v++) squares += Math.exp(2 * logp(v)); // at least 1/V: no underflow
      total += logp(token[row] as number) - Math.log(squares);
      count++;
    }
    out[(side === 'chosen' ? 0 : sequences) + sequence] = total / Math.max(count, 1);
  }
};

/** Twin of wpo_weights_pairs. */
export const wpoPairs: Backend['wpoPairs'] = ({ pairs, columns, column, scores, pairInputs }) => {
  const score = floats(scores);
  const inputs = floats(pairInputs);
  for (let pair = 0; pair < pairs; pair++)
    inputs[pair * columns + column] = Math.exp((score[pair] as number) + (score[pairs + pair] as number));
};
