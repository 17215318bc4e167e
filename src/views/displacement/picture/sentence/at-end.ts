import { ranges } from '../../../../atlas/toys/ranges.ts';
import { type Swing, swingOf } from '../../../../core/regime.ts';
import { percent } from '../../../../shell/controls/format.ts';
import type { Presentation } from '../../../../shell/teach/presentation.svelte.ts';
import type { Session } from '../../session.svelte.ts';
import { pairStateAt } from '../../story.ts';
import { spoken } from '../roles.ts';
import { courseOf, type Piece, type Scene } from './sentence.ts';
import { whyUp } from './why-up.ts';

export interface End extends Pick<Scene, 'cast' | 'start' | 'now'> {
  /** between which probabilities the chosen answer swings; null: it has come to rest, or goes one way */
  readonly swing: Swing | null;
  /** the reader may take a smaller step size */
  readonly canSlow: boolean;
  /** why the chosen answer does not fall: what is said before and after the rejected answer's name; null: it falls, or nothing tells */
  readonly why: readonly [before: string, after: string] | null;
}

/** What is said of the end of a run that swings there, or whose chosen answer does not fall, with why; null: neither. */
export function tellEnd({ cast, start, now, swing, canSlow, why }: End): readonly Piece[] | null {
  const chosen: Piece = { text: spoken(cast.tokens[cast.chosen] ?? ''), role: 'chosen' };
  const rejected: Piece = { text: spoken(cast.tokens[cast.rejected] ?? ''), role: 'rejected' };
  const course = courseOf(start, now, cast);
  const told = course === 'falls' ? null : why;
  if (swing)
    return [
      chosen,
      { text: ` swings between ${percent(swing[0])} and ${percent(swing[1])} at the end: the step is too large. ` },
      ...(canSlow ? [{ text: 'Try a tenth of it', triesTenth: true }, { text: '. ' }] : []),
      ...(told ? [{ text: `It does not fall: ${told[0]}` }, rejected, { text: told[1] }] : []),
    ];
  if (!told) return null;
  const [from, to] = [start, now].map(({ probs }) => percent(probs?.[cast.chosen] ?? Number.NaN));
  return [
    chosen,
    { text: `${course === 'rises' ? ` rises, from ${from} to ${to}` : ` stays, ${from}, then ${to}`}: ${told[0]}` },
    rejected,
    { text: told[1] },
  ];
}

/** The same of the run that is shown at its end. */
export function endOf(session: Session, presentation: Presentation): readonly Piece[] | null {
  const { settings, comparedSettings, cast, start, shown, startForShown } = session;
  const maySlow = !presentation.hides('settings') && !['settings', 'rate'].some((part) => presentation.locks(part));
  const isUp = courseOf(startForShown, shown, cast) !== 'falls';
  return tellEnd({
    cast,
    start: startForShown,
    now: shown,
    // what a fork changes is no swing
    swing: swingOf(session.steps.slice(settings.past?.at(-1)?.until ?? 0).map(({ probs }) => probs?.[cast.chosen] ?? Number.NaN)),
    canSlow: maySlow && settings.learningRate >= 10 * ranges.learningRate.min,
    why: isUp
      ? whyUp(settings, comparedSettings, cast, { probs: shown.probs ?? [], forces: session.forces(pairStateAt(start, shown)) })
      : null,
  });
}

/** A tenth of the step size; what the run is compared with stays. */
export const tryTenth = (session: Session): void =>
  session.changeOn({ learningRate: Number((session.settings.learningRate / 10).toPrecision(9)) });
