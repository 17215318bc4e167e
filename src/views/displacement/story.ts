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

/** The pair's log-probs at a step of the toy's run, beside those of its reference: of the start, unless that moves. */
export function pairStateAt(start: RecordedStep, now: RecordedStep): PairState {
  const [prevChosen, prevRejected] = [at(start.chosenLogps, 0), at(start.rejectedLogps, 0)];
  const { reference } = now;
  const [refChosen, refRejected] = reference ? [at(reference.chosenLogps, 0), at(reference.rejectedLogps, 0)] : [prevChosen, prevRejected];
  return {
    ...{ chosen: at(now.chosenLogps, 0), rejected: at(now.rejectedLogps, 0), refChosen, refRejected },
    ...(reference ? { prevChosen, prevRejected } : {}),
  };
}

/** The margin that DPO sees, before β: how far the gap between the two has grown since the reference. */
export const marginOf = ({ chosen, rejected, refChosen, refRejected }: PairState): number => chosen - refChosen - (rejected - refRejected);

/** How far the gap has grown since the start, which is what DPO sees where the reference stays there. */
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
