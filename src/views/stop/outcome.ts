import { outcomeOf, type Shares } from '../../core/outcome.ts';
import { percent } from '../../shell/controls/format.ts';

const at = (shares: Shares, token: number): number => shares[token] ?? Number.NaN;

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
