import type { NonFinite, Reading } from './logs/readings/series.ts';
import type { LineProblem, PreferencePair } from './pairs/read-pair.ts';
import type { UnpairedRow } from './pairs/read-unpaired.ts';
import type { Note } from './rows/row-source.ts';

interface Readable {
  /** in a reader's words: 'TRL preference pairs (JSONL)' */
  readonly format: string;
  /** what was noticed: ignored columns, duplicates, contradictions, encodings, dropped rows with their place */
  readonly notes: readonly Note[];
  /** rows that could not be used, the first ones, and how many there are */
  readonly problems: readonly LineProblem[];
  readonly problemCount: number;
}

export interface PairsData extends Readable {
  readonly kind: 'pairs';
  readonly pairs: readonly PreferencePair[];
  /** how many the file holds, kept or not */
  readonly pairCount: number;
}

export interface UnpairedData extends Readable {
  readonly kind: 'unpaired';
  readonly rows: readonly UnpairedRow[];
}

export interface LogpsRow {
  readonly chosen: number;
  readonly rejected: number;
  readonly refChosen?: number;
  readonly refRejected?: number;
  readonly chosenLength?: number;
  readonly rejectedLength?: number;
}

export interface LogpsData extends Readable {
  readonly kind: 'logps';
  /** sums over tokens, in nats; where only means are known and no lengths, true */
  readonly perToken: boolean;
  /** NaN and infinities as the file has them */
  readonly rows: readonly LogpsRow[];
}

export interface HiddenData extends Readable {
  readonly kind: 'hidden';
  readonly shape: readonly number[];
}

export interface TrainingLog extends Readable {
  readonly kind: 'log';
  /** columns under TRL's names without prefixes; NaN where a row has none. What evaluation has beside training keeps its 'eval_'. */
  readonly steps: readonly number[];
  readonly columns: Record<string, ArrayLike<number>>;
  /** strongest first; none where the log fits none */
  readonly readings: readonly Reading[];
  /** NaN and infinities that stand in the file, with their place */
  readonly nonFinite: readonly NonFinite[];
  /** no column names the step: `steps` counts rows */
  readonly isCounted?: boolean;
  /** where the log tells it: rewards are β times Δ log π */
  readonly beta: number | null;
}

export interface RefusedData {
  readonly kind: 'refused';
  /** what it was recognised as, if anything */
  readonly format: string | null;
  readonly reason: string;
  /** the line that converts it, where there is one */
  readonly convert?: string;
}

export type ReadData = PairsData | UnpairedData | LogpsData | HiddenData | TrainingLog | RefusedData;
