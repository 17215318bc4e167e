import type { CompiledObjective } from '../../objectives/compile.ts';
import { isBatchStatistic, type PairConstant } from '../../objectives/inputs.ts';

/** The columns that the host knows of its pairs, each [B]; one that is left out was not given. */
export type PairColumns = Readonly<Partial<Record<PairConstant, ArrayLike<number> | undefined>>>;

/**
 * The columns that the objective reads of each pair, as one [B, inputs] block; never empty, because a binding may not be. Columns of
 * batch statistics are left for their kernels. `missing` makes the error for a column that the objective reads and nobody gave.
 */
export function packPairInputs(
  pairs: number,
  objective: CompiledObjective,
  columns: PairColumns,
  missing: (name: PairConstant) => Error,
): Float64Array {
  const { length: width } = objective.inputs;
  const block = new Float64Array(Math.max(1, pairs * width));
  for (const [column, name] of objective.inputs.entries()) {
    if (isBatchStatistic(name)) continue;
    const values = columns[name];
    if (!values) throw missing(name);
    for (let pair = 0; pair < pairs; pair++) block[pair * width + column] = values[pair] ?? Number.NaN;
  }
  return block;
}

/** Whether the lengths of responses matter to an objective: where they do not, a batch's masks need not be counted. */
export const readsLengths = ({ inputs, ldAlpha }: CompiledObjective): boolean =>
  ldAlpha !== null || inputs.some((name) => name === 'len_w' || name === 'len_l' || name === 'mean_len_w');

/** Columns of lengths, from the counted tokens of both sides. */
export function lengthColumns(chosen: ArrayLike<number>, rejected: ArrayLike<number>): PairColumns {
  const total = Array.from(chosen).reduce((sum, length) => sum + length, 0);
  return { len_w: chosen, len_l: rejected, mean_len_w: Float64Array.from(chosen, () => total / chosen.length) };
}

/** [B, 2] reference log-probs, for the passes over a whole batch. */
export const interleave = (chosen: ArrayLike<number>, rejected: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: 2 * chosen.length }, (_, i) => (i % 2 === 0 ? chosen : rejected)[i >> 1] ?? Number.NaN);

/** Counted positions of each sequence of a [B, T] mask; without a mask all count. */
export function countedTokens(sequences: number, positions: number, mask: ArrayLike<number> | null): Float64Array {
  return Float64Array.from({ length: sequences }, (_, sequence) => {
    if (!mask) return positions;
    let counted = 0;
    for (let t = 0; t < positions; t++) counted += Number(mask[sequence * positions + t] !== 0);
    return counted;
  });
}

/**
 * Weights [B, T] of one side's tokens: those of its mask, times LD-DPO's (arXiv:2409.06411), which are 1 for the first min(|y_w|, |y_l|)
 * counted tokens and `ldAlpha` for what the longer response has beyond them.
 */
export function lengthDesensitised(
  positions: number,
  mask: ArrayLike<number> | null,
  own: ArrayLike<number>,
  other: ArrayLike<number>,
  ldAlpha: number,
): Float64Array {
  const weights = new Float64Array(own.length * positions);
  for (let sequence = 0; sequence < own.length; sequence++) {
    const common = Math.min(own[sequence] ?? 0, other[sequence] ?? 0);
    for (let t = 0, counted = 0; t < positions; t++) {
      const row = sequence * positions + t;
      const part = mask ? (mask[row] ?? 0) : 1;
      if (part === 0) continue;
      weights[row] = part * (counted < common ? 1 : ldAlpha);
      counted++;
    }
  }
  return weights;
}
