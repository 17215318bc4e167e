import type { RecordedStep } from '../../../../core/experiment.ts';
import { percent, signed } from '../../../../shell/controls/format.ts';
import { readsReference } from '../../../../shell/losses/reads-reference.ts';
import type { Session } from '../../session.svelte.ts';
import { logRatioMargin, marginOf, pairStateAt } from '../../story.ts';
import { gainerOf, spoken } from '../roles.ts';
import type { Piece, Scene } from './sentence.ts';

/** What is said of a state under a reference that has moved. */
export interface MovedScene extends Pick<Scene, 'cast' | 'start' | 'now' | 'seesGapOnly'> {
  /** updates from one move to the next */
  readonly every: number;
}

/** null before the reference has moved: what is said otherwise holds. */
export function tellMoved({ cast, start, now, seesGapOnly, every }: MovedScene): readonly Piece[] | null {
  const times = Math.floor(now.step / every);
  if (times === 0) return null;
  const shareOf = (state: RecordedStep): string => percent(state.probs?.[cast.chosen] ?? Number.NaN);
  const taker = gainerOf(start, now, cast);
  const [whole, seen] = [signed(logRatioMargin(start, now), 1), signed(marginOf(pairStateAt(start, now)), 1)];
  return [
    { text: `The reference has moved ${times === 1 ? '' : `${times} times, last `}at update ${times * every}. The gap to ` },
    { text: spoken(cast.tokens[cast.rejected] ?? ''), role: 'rejected' },
    { text: `: ${whole} nats; ${seesGapOnly ? `the loss sees ${seen} of them` : `${seen} of them since then`}. ` },
    { text: spoken(cast.tokens[cast.chosen] ?? ''), role: 'chosen' },
    { text: ` went from ${shareOf(start)} to ${shareOf(now)}` },
    ...(taker?.takesOver ? [{ text: ', below ' }, { text: spoken(cast.tokens[taker.token] ?? ''), role: 'gainer' as const }] : []),
    { text: '.' },
  ];
}

/** The same of a run; null where its reference stays, or nothing reads it. */
export function movedOf(session: Session): readonly Piece[] | null {
  const { settings, objective, cast, start, shown, seesGapOnly } = session;
  if (!settings.sync || !readsReference(objective)) return null;
  return tellMoved({ cast, start, now: shown, seesGapOnly, every: settings.sync.every });
}
