import { largestOf } from '../../../core/extremes.ts';
import { trlVersion } from '../../../core/trl-version.ts';
import { type LogFacts, seriesOf, show, showPlace } from '../readings/series.ts';

/** What a log says of a cause: it fits, it does not, pairs would tell, or the log does not say. */
export type Verdict = 'fits' | 'no' | 'pairs' | 'unsaid';

export interface Cause {
  readonly words: string;
  readonly verdict: Verdict;
  /** from the log's own numbers */
  readonly because: string;
}

export interface Remedy {
  readonly words: string;
  /** the trainer's setting */
  readonly setting?: string;
  /** where it holds, if not simply in `inTrl` */
  readonly holds?: string;
  /** where it can be seen: a view, and its settings in a link's own words */
  readonly see?: { readonly view: string; readonly run: Readonly<Record<string, string>> };
}

/** A reading with everything that is said of it. */
export interface Story {
  /** answers the page's question, in one line or two */
  readonly headline: string;
  /** what the dashed line in the charts marks */
  readonly mark: string;
  readonly causes: readonly Cause[];
  readonly remedies: readonly Remedy[];
}

export type Tell = (log: LogFacts, fromStep: number | undefined) => Story;

/** ", from step 60", where a reading names the step. */
export const from = (log: LogFacts, step: number | undefined): string => (step === undefined ? '' : `, from ${showPlace(log, step)}`);

/** Where every setting of a remedy was read. */
export const inTrl = `TRL ${trlVersion}`;

const alike = 'drop your pairs to test';
export const pairsTell = (words: string): Cause => ({ words, verdict: 'pairs', because: alike });
export const unsaid = (words: string, because = 'not in a log'): Cause => ({ words, verdict: 'unsaid', because });

/** Whether the run went over its pairs more than once. */
export function epochs(log: LogFacts): Cause {
  const words = 'Each pair is seen more than once';
  const last = seriesOf(log, 'epoch')?.values.at(-1);
  if (last === undefined) return unsaid(words, 'epochs are not logged');
  return last > 1.05
    ? { words, verdict: 'fits', because: `epoch ${show(last)} at the end` }
    : { words, verdict: 'no', because: `epoch ${show(last)} at the end` };
}

/** How large the steps were: what is large depends on what is trained, which no log says. */
export function rate(log: LogFacts): Cause {
  const words = 'The learning rate is too high';
  const series = seriesOf(log, 'learning_rate');
  if (!series) return unsaid(words, 'the rate is not logged');
  return unsaid(words, `reaches ${show(largestOf(series.values))}`);
}

export const toy = (run: Readonly<Record<string, string>>): NonNullable<Remedy['see']> => ({ view: 'displacement', run });

export const oneEpoch: Remedy = { words: 'See each pair once', setting: 'num_train_epochs=1' };
export const slower: Remedy = {
  words: 'Take smaller steps',
  setting: 'learning_rate=5e-7',
  holds: 'whole models',
  see: toy({ lr: '0.3' }),
};
