import type { RecordedStep } from '../../core/experiment.ts';
import { word } from '../../core/word.ts';
import { fixed, nats, percent } from '../../shell/controls/format.ts';
import type { Phrase } from '../../shell/controls/phrase.ts';

/** What the story needs to know of a run with one pair on one prompt. */
export interface Cast {
  readonly tokens: readonly string[];
  readonly chosen: number;
  readonly rejected: number;
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;

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

/** Which of the possible outcomes a state is, compared with the start (arXiv:2410.08847, Definition 1). */
export function regimeOf(start: RecordedStep, now: RecordedStep): Regime {
  if (now.step === start.step) return 'start';
  if (now.loss >= start.loss) return 'loss-rose';
  return at(now.chosenLogps, 0) < at(start.chosenLogps, 0) ? 'displaced' : 'learned';
}

/** What happened up to `now`, in words with numbers. */
export function tellStory(start: RecordedStep, now: RecordedStep, cast: Cast): Phrase[] {
  const chosen: Phrase = { text: `“${cast.tokens[cast.chosen]}”`, role: 'chosen' };
  const rejected: Phrase = { text: `“${cast.tokens[cast.rejected]}”`, role: 'rejected' };
  /** 'fell from 75.6 % to 0.3 %', or by how many nats where the percentages read the same */
  const moved = (token: number): string => {
    const change = at(now.outcomeLogps, token) - at(start.outcomeLogps, token);
    const [before, after] = [percent(at(start.probs, token)), percent(at(now.probs, token))];
    const verb = change < 0 ? word('fell') : word('rose');
    if (change === 0) return `stayed at ${after}`;
    return before === after ? `${verb} by ${nats(Math.abs(change))} (still ${after})` : `${verb} from ${before} to ${after}`;
  };
  const regime = regimeOf(start, now);

  if (regime === 'start') {
    return [
      { text: 'Before the first update the model answers ' },
      chosen,
      { text: ` with probability ${percent(at(start.probs, cast.chosen))} and ` },
      rejected,
      { text: ` with ${percent(at(start.probs, cast.rejected))}. The margin is 0 and the loss ${fixed(start.loss, 3)}.` },
    ];
  }

  const margin = logRatioMargin(start, now);
  const opening =
    `After ${now.step} ${now.step === 1 ? 'update' : 'updates'} the margin ${margin >= 0 ? 'rose' : 'fell'} by ${nats(Math.abs(margin))} ` +
    `and the loss ${now.loss < start.loss ? 'fell' : now.loss > start.loss ? 'rose' : 'stayed'} from ${fixed(start.loss, 3)} to ${fixed(now.loss, 3)}`;

  if (regime === 'loss-rose') {
    return [
      { text: `${opening}: so far this run has not learned the preference. ` },
      chosen,
      { text: ` ${moved(cast.chosen)}. A smaller learning rate may help.` },
    ];
  }

  if (regime === 'learned') {
    return [
      { text: `${opening}, and the preferred answer ` },
      chosen,
      { text: ` ${moved(cast.chosen)}; the rejected ` },
      rejected,
      { text: ` ${moved(cast.rejected)}. There is no displacement at this step.` },
    ];
  }

  const fell: Phrase[] = [{ text: `${opening}, yet the preferred answer ` }, chosen, { text: ` ${moved(cast.chosen)}.` }];
  const gainer = topGainer(start, now, cast);
  if (gainer === null) return fell;
  const change = (token: number): number => at(now.probs, token) - at(start.probs, token);
  const lost = -Math.min(0, change(cast.chosen)) - Math.min(0, change(cast.rejected));
  return [
    ...fell,
    { text: change(gainer) >= 0.5 * lost ? ' The mass went to ' : ' The fastest gainer is ' },
    { text: `“${cast.tokens[gainer]}”`, role: 'gainer' },
    { text: ` (${percent(at(start.probs, gainer))}\u00a0→\u00a0${percent(at(now.probs, gainer))}), which the data never mentions.` },
  ];
}
