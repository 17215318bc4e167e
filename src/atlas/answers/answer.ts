import type { StudyPlot } from '../study.ts';

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
  /** what is drawn, where it is not what the study draws itself */
  readonly plot?: StudyPlot;
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
