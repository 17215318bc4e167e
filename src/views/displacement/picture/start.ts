import type { ToyVectors } from '../../../atlas/toys/displacement/no-over-never.ts';
import { dot, norm } from '../../../core/vectors.ts';
import { vectorReach } from '../../../shell/links/vectors-link.ts';

/** Within these an answer's start can be moved: beyond, what one update does is lost in rounding. */
export const startRange = [0.001, 0.99] as const;

/** Why there is no such start: it is out of the range; a state of zero moves no answer; the answer's vector would leave what a link holds. */
export type NoStart = 'range' | 'state' | 'reach';

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

/** The vectors to which a hand at this probability moves an answer's start, which is as near as there is one, and what stops it short of the hand. */
export function startNear(vectors: ToyVectors, answer: number, wanted: number): { moved: ToyVectors | null; why: NoStart | null } {
  const [least, most] = startRange;
  // whole thousandths: what a link says, and what a hand can mean
  const moved = startAt(vectors, answer, Math.round(1000 * Math.min(most, Math.max(least, wanted))) / 1000);
  if (!moved) return { moved, why: norm(vectors.hidden) > 0 ? 'reach' : 'state' };
  return { moved, why: wanted < least || wanted > most ? 'range' : null };
}
