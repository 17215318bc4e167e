import type { ToyVectors } from '../../../atlas/toys/no-over-never.ts';
import { dot } from '../../../core/vectors.ts';
import { vectorReach } from '../../../shell/links/vectors-link.ts';

/** Within these an answer's start can be moved: beyond, what one update does is lost in rounding. */
export const startRange = [0.001, 0.99] as const;

/**
 * The vectors with which an answer starts at this probability: its own is moved along the state, and the other answers keep their ratios.
 * Null where no move along the state does it.
 */
export function startAt({ hidden, unembedding }: ToyVectors, answer: number, probability: number): ToyVectors | null {
  const logits = unembedding.map((row) => dot(hidden, row));
  const highest = Math.max(...logits);
  const others = logits.reduce((sum, logit, index) => (index === answer ? sum : sum + Math.exp(logit - highest)), 0);
  const wanted = Math.log(probability / (1 - probability)) + Math.log(others) + highest;
  const by = (wanted - (logits[answer] ?? Number.NaN)) / dot(hidden, hidden);
  const moved = unembedding.map((row, index) => (index === answer ? row.map((value, k) => value + by * (hidden[k] ?? 0)) : row));
  return moved.flat().every((value) => Math.abs(value) <= vectorReach) ? { hidden, unembedding: moved } : null;
}
