import type { StudyPlot } from '../study.ts';

/** One chart of an answer, under the sentence that it shows. */
export interface AnswerPanel {
  /** what is to be seen, in a short sentence */
  readonly says: string;
  /** what goes up the vertical axis of lines, with its unit */
  readonly up?: string;
  readonly plot: StudyPlot;
  /** short names that stand at the ends of lines, by arm or measure; default their labels */
  readonly lines?: Readonly<Record<string, string>>;
  /** a height that means something, with its name */
  readonly level?: { readonly at: number; readonly text: string };
  /** the line of which the highest or the lowest place is marked */
  readonly turn?: { readonly line: string; readonly at: 'highest' | 'lowest' };
  /** two lines that bound something: the room between them is shaded */
  readonly band?: readonly [above: string, below: string];
  /** keeps 0 in view */
  readonly zero?: boolean;
}

/** A question that people ask, in three sentences, with the study whose claim is behind them. */
export interface AnswerRecord {
  /** in the words of who asks */
  readonly question: string;
  /** other words for it: what trainers call it, numbers that are seen, usual misspellings; read by the search alone */
  readonly asked: readonly string[];
  readonly said: readonly [string, string, string];
  /** the study that is drawn and trained, and the claim of it that the sentences stand on */
  readonly study: string;
  readonly claim: string;
  /** what is drawn: one chart, or a cause beside its effect; one control changes both */
  readonly panels: readonly [AnswerPanel] | readonly [AnswerPanel, AnswerPanel];
  /** parameters of the study that are shown; default all of them */
  readonly controls?: readonly string[];
  /** what to do in TRL, with the version that it was read in */
  readonly trl: string;
  /** arXiv ids that the sentences are from, besides the study's own paper */
  readonly papers?: readonly string[];
  /** readings of a training log (data/logs/readings) that it explains */
  readonly readings?: readonly string[];
  /** names of other answers */
  readonly related: readonly string[];
}

/** With its name in links, `#/answer/<slug>`, which is that of its file. */
export interface Answer extends AnswerRecord {
  readonly slug: string;
}

/** An answer is a file of `records`, and nothing else lists it. */
export const defineAnswer = (record: AnswerRecord): AnswerRecord => record;
