import { klDivergence } from '../../../core/exact.ts';
import type { FactorisedSequencePolicy } from '../../../core/experiment.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import type { Trial } from '../../../core/trial.ts';
import type { Draws } from '../draws.ts';

/** Answers whose words are drawn each by itself: logits [position][word]. */
export type WordRows = readonly (readonly number[])[];

export const wordRowsPolicy = (rows: WordRows): FactorisedSequencePolicy => ({
  kind: 'sequence',
  form: 'factorised',
  logits: rows.map((row) => [...row]),
});

/** Log-probabilities [position][word] that a run ended with. */
export function trainedRows({ final }: Pick<Trial, 'final'>, words: number): number[][] {
  const flat = Array.from(final['logits'] ?? []);
  return Array.from({ length: flat.length / words }, (_, t) => logSoftmax(flat.slice(t * words, (t + 1) * words)));
}

export const drawAnswer = (draws: Draws, rows: WordRows): number[] => rows.map((row) => draws.fromLogits(row));

/** KL(π ‖ π_ref), nats, summed over all positions but those that are left out. Both are log-probabilities. */
export const klElsewhere = (rows: WordRows, reference: WordRows, leftOut: readonly number[]): number =>
  rows.reduce((sum, row, t) => sum + (leftOut.includes(t) ? 0 : klDivergence(row, reference[t] ?? [])), 0);
