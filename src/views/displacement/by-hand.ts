import type { ToyVectors } from '../../atlas/toys/displacement/no-over-never.ts';

/** Decimals of the numbers that a hand sets. */
const decimals = 1e4;

/**
 * The vectors that a hand has moved, in numbers with four decimals: what is shown, trained and linked is one. Those that it has not moved
 * stay as they were given.
 */
export function byHand(moved: ToyVectors, { hidden, unembedding }: ToyVectors): ToyVectors {
  const set = (row: readonly number[], before?: readonly number[]) =>
    row === before ? row : row.map((value) => Math.round(decimals * value) / decimals);
  return { hidden: set(moved.hidden, hidden), unembedding: moved.unembedding.map((row, answer) => set(row, unembedding[answer])) };
}
