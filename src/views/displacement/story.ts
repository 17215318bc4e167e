import type { RecordedStep } from '../../core/experiment.ts';
import { isDisplaced } from '../../core/regime.ts';
import type { PairState } from '../../shell/losses/objective-view.ts';

/** What the story needs to know of a run with one pair on one prompt. */
export interface Cast {
  readonly tokens: readonly string[];
  readonly chosen: number;
  readonly rejected: number;
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** The pair's log-probs at a step of the toy's run, beside those of its start. */
export function pairStateAt(start: RecordedStep, now: RecordedStep): PairState {
  const [refChosen = Number.NaN, refRejected = Number.NaN] = [start.chosenLogps[0], start.rejectedLogps[0]];
  const [chosen = Number.NaN, rejected = Number.NaN] = [now.chosenLogps[0], now.rejectedLogps[0]];
  return { chosen, rejected, refChosen, refRejected };
}

/** log π(chosen) − log π(rejected), less the same at the start (the reference): the margin that DPO sees, before β. */
export function logRatioMargin(start: RecordedStep, now: RecordedStep): number {
  return at(now.chosenLogps, 0) - at(start.chosenLogps, 0) - (at(now.rejectedLogps, 0) - at(start.rejectedLogps, 0));
}

/** The token outside the pair whose log-probability rose most since the start; null when none rose. */
export function topGainer(start: RecordedStep, now: RecordedStep, { tokens, chosen, rejected }: Cast): number | null {
  let best: number | null = null;
  let most = 1e-9; // rounding is no gain
  tokens.forEach((_, token) => {
    const gain = at(now.outcomeLogps, token) - at(start.outcomeLogps, token);
    if (token !== chosen && token !== rejected && gain > most) {
      most = gain;
      best = token;
    }
  });
  return best;
}

export type Regime = 'start' | 'displaced' | 'learned' | 'loss-rose';

/**
 * Which of the possible outcomes a state is, compared with the start: displaced is what has fallen although the loss has, too
 * (arXiv:2410.08847, Definition 1, which takes any fall; `core/regime.ts` says from where on it counts here).
 */
export function regimeOf(start: RecordedStep, now: RecordedStep, { chosen }: Cast): Regime {
  if (now.step === start.step) return 'start';
  if (now.loss >= start.loss) return 'loss-rose';
  return isDisplaced(start, now, chosen) ? 'displaced' : 'learned';
}
