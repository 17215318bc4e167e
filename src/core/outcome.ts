import { type Move, moveOfProbability } from './regime.ts';

/** What a state of a run is, compared with its start. */
export interface Outcome {
  /** the chosen answer's way */
  readonly move: Move;
  /** the answer outside the pair that gained most, from five points on; null: none gained as much */
  readonly gainer: number | null;
  /** the largest answer, where it is another than the chosen one and was below that at the start; null: none has taken over */
  readonly takenOverBy: number | null;
}

/** The probabilities of all answers, in the order of the answers. */
export type Shares = readonly number[];
const at = (shares: Shares, token: number): number => shares[token] ?? Number.NaN;
const largest = (tokens: readonly number[], by: (token: number) => number): number | null =>
  tokens.reduce<number | null>((best, token) => (best === null || by(token) > by(best) ? token : best), null);

/** Compares the shares of all answers with those of the start. */
export function outcomeOf(start: Shares, now: Shares, pair: { readonly chosen: number; readonly rejected: number }): Outcome {
  const { chosen, rejected } = pair;
  const gain = (token: number): number => at(now, token) - at(start, token);
  const others = [...now.keys()].filter((token) => token !== chosen);
  const gainer = largest(
    others.filter((token) => token !== rejected),
    gain,
  );
  const leader = largest(others, (token) => at(now, token));
  const isOver = leader !== null && at(now, leader) > at(now, chosen) && others.every((token) => at(start, token) <= at(start, chosen));
  return {
    move: moveOfProbability(at(start, chosen), at(now, chosen)),
    gainer: gainer !== null && moveOfProbability(at(start, gainer), at(now, gainer)) === 'rises' ? gainer : null,
    takenOverBy: isOver ? leader : null,
  };
}
