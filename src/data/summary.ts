import type { RecordedStep } from '../core/experiment.ts';
import { mean } from '../core/numerics.ts';
import type { TokenisedPairs } from './bigram-experiment.ts';
import { nextTurn } from './read-records.ts';

/** One recorded step of a run, against its first. Log-probabilities in nats, summed over the words of a response. */
export interface StepSummary {
  step: number;
  loss: number;
  meanChosenLogp: number;
  meanRejectedLogp: number;
  /** pairs whose chosen response is now less probable than at the first step */
  fallen: number;
  /** share of pairs with log π(chosen) > log π(rejected) */
  ranked: number;
  /** share of pairs whose log-ratio to the first step is larger for the chosen response: accuracy of the implicit rewards */
  rewarded: number;
  /** [pairs] log π_now(chosen) - log π_first(chosen) */
  chosenChanges: Float64Array;
  /** [pairs] the same of the rejected responses */
  rejectedChanges: Float64Array;
}

const changes = (now: readonly number[], first: readonly number[]): Float64Array =>
  Float64Array.from(now, (logp, pair) => logp - (first[pair] ?? Number.NaN));

export function summariseStep(first: RecordedStep, now: RecordedStep): StepSummary {
  const chosenChanges = changes(now.chosenLogps, first.chosenLogps);
  const rejectedChanges = changes(now.rejectedLogps, first.rejectedLogps);
  const pairs = chosenChanges.length;
  let [fallen, ranked, rewarded] = [0, 0, 0];
  for (const [pair, change] of chosenChanges.entries()) {
    if (change < 0) fallen++;
    if ((now.chosenLogps[pair] ?? Number.NaN) > (now.rejectedLogps[pair] ?? Number.NaN)) ranked++;
    if (change > (rejectedChanges[pair] ?? Number.NaN)) rewarded++;
  }
  return {
    step: now.step,
    loss: now.loss,
    meanChosenLogp: mean(now.chosenLogps),
    meanRejectedLogp: mean(now.rejectedLogps),
    fallen,
    ranked: ranked / pairs,
    rewarded: rewarded / pairs,
    chosenChanges,
    rejectedChanges,
  };
}

/** How the probability of one word changed. */
export interface WordChange {
  word: string;
  before: number;
  after: number;
}

/** [prompts + V] how often the responses read each row of the table: a prompt's row once a response, a word's row when a word follows it. */
export function countContexts({ pairs, prompts, vocabulary }: Pick<TokenisedPairs, 'pairs' | 'prompts' | 'vocabulary'>): Float64Array {
  const counts = new Float64Array(prompts.length + vocabulary.words.length);
  for (const { prompt, chosen, rejected } of pairs) {
    for (const response of [chosen, rejected]) {
      response.forEach((_, position) => {
        const previous = response[position - 1];
        const row = position === 0 || previous === undefined ? prompt : prompts.length + previous;
        counts[row] = (counts[row] ?? 0) + 1;
      });
    }
  }
  return counts;
}

/**
 * [V] the probability of each word, averaged over every position of the responses: Σ_row n_row π(word | row) / Σ_row n_row,
 * with n_row from `countContexts` and π(· | row) the softmax of the table's row.
 * `table` is [rows, V], row-major, rows = `counts.length`. Works in slices of about 8 ms: a table of thousands of words takes longer.
 */
export async function meanWordProbabilities(table: ArrayLike<number>, counts: Float64Array, vocab: number): Promise<Float64Array> {
  const result = new Float64Array(vocab);
  const row = new Float64Array(vocab);
  let total = 0;
  let sliceStart = performance.now();
  for (const [r, count] of counts.entries()) {
    if (count === 0) continue;
    if (performance.now() - sliceStart > 8) {
      await nextTurn();
      sliceStart = performance.now();
    }
    total += count;
    let peak = Number.NEGATIVE_INFINITY;
    for (let v = 0; v < vocab; v++) peak = Math.max(peak, table[r * vocab + v] ?? Number.NaN);
    let mass = 0;
    for (let v = 0; v < vocab; v++) {
      const e = Math.exp((table[r * vocab + v] ?? Number.NaN) - peak);
      row[v] = e;
      mass += e;
    }
    for (let v = 0; v < vocab; v++) result[v] = (result[v] ?? 0) + (count * (row[v] ?? 0)) / mass;
  }
  return result.map((value) => value / total);
}

/** The `limit` words that gained most and that lost most, largest change first; words that did not move are left out. */
export function wordChanges(
  words: readonly string[],
  before: Float64Array,
  after: Float64Array,
  limit: number,
): { gained: WordChange[]; lost: WordChange[] } {
  const changes = words.map((word, v) => ({ word, before: before[v] ?? 0, after: after[v] ?? 0 }));
  const change = (entry: WordChange): number => entry.after - entry.before;
  const sorted = changes.filter((entry) => change(entry) !== 0).sort((a, b) => change(b) - change(a));
  return {
    gained: sorted.filter((entry) => change(entry) > 0).slice(0, limit),
    lost: sorted
      .filter((entry) => change(entry) < 0)
      .reverse()
      .slice(0, limit),
  };
}
