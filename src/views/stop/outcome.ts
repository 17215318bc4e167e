import { type Move, moveOfProbability } from '../../core/regime.ts';
import { percent } from '../../shell/controls/format.ts';

/** What a state of a run is, compared with its start. */
export interface Outcome {
  /** the chosen answer's way */
  readonly move: Move;
  /** the answer outside the pair that gained most, from five points on; null: none gained as much */
  readonly gainer: number | null;
  /** the largest answer, where it is another than the chosen one and was below that at the start; null: none has taken over */
  readonly takenOverBy: number | null;
}

type Shares = readonly number[];
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

/** The sign that goes with a role's colour. */
export const roleMarks = { chosen: '●', rejected: '■', gainer: '◆', other: '' } as const;

/** Where in its run a state is. */
export type Moment = 'start' | 'under way' | 'end';

/** What is said of a state, in two short lines: of the chosen answer, and of the one that has overtaken it, else of the rejected one. */
export function outcomeWords(
  moment: Moment,
  [start, now]: readonly [start: Shares, now: Shares],
  cast: { readonly tokens: readonly string[]; readonly chosen: number; readonly rejected: number },
): {
  readonly chosen: { readonly before: string; readonly share: string };
  readonly others: { readonly token: number; readonly words: string };
} {
  const { tokens, chosen, rejected } = cast;
  const { move, takenOverBy } = outcomeOf(start, now, cast);
  const share = percent(at(now, chosen));
  const name = tokens[chosen] ?? '';
  const before =
    moment === 'start'
      ? `${name} starts at`
      : move === 'stays'
        ? `${name} holds:`
        : move === 'rises'
          ? `${name} rises to`
          : moment === 'end'
            ? `${name} ends at`
            : `${name} is down to`;
  const [was, is] = [percent(at(start, rejected)), percent(at(now, rejected))];
  const others =
    takenOverBy === null
      ? { token: rejected, words: moment === 'start' ? is : `${was} → ${is}` }
      : { token: takenOverBy, words: `${moment === 'end' ? 'takes over:' : 'has overtaken it:'} ${percent(at(now, takenOverBy))}` };
  return { chosen: { before, share }, others };
}
