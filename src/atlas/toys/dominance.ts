import type { Experiment } from '../../core/experiment.ts';
import { sigmoid } from '../../core/numerics.ts';
import type { Trial } from '../../core/trial.ts';
import { fitScorer } from './scorer.ts';

/** A comparison of two items: 1 the first is preferred, -1 the second, 0 neither. */
export interface Answered {
  readonly a: number;
  readonly b: number;
  readonly answer: 1 | -1 | 0;
}

const oneHot = (items: number, { a, b }: Answered): number[] => Array.from({ length: items }, (_, i) => Number(i === a) - Number(i === b));
const [down, up] = [0, 1];

/**
 * Two values for each item, and P(a ≻ b) = σ(z₁) σ(z₂) with z the differences of the values, P(neither) the rest. Each comparison is a
 * prompt with an answer of two tokens, up or down on either value: “neither” is up and down, or down and up, whose probabilities the
 * loss adds. Values are the unembedding's rows, one block for each position.
 */
export function fitTwoValues(items: number, start: readonly (readonly number[])[], compared: readonly Answered[]): Experiment {
  const none = new Array<number>(items).fill(0);
  return {
    policy: {
      kind: 'sequence',
      form: 'features',
      prefixes: compared.flatMap((comparison, prompt) => {
        const row = oneHot(items, comparison);
        return [[], [down], [up]].map((tokens) => ({
          prompt,
          tokens,
          hidden: tokens.length === 0 ? [...row, ...none] : [...none, ...row],
        }));
      }),
      unembedding: [start.flat().map((value) => -value), start.flat()],
      train: 'unembedding',
    },
    pairs: compared.map(({ answer }, prompt) =>
      answer === 0
        ? { prompt, chosen: [up, down], rejected: [down, up], label: 0.5 }
        : { prompt, chosen: answer > 0 ? [up, up] : [down, down], rejected: answer > 0 ? [down, down] : [up, up], label: 1 },
    ),
    objective: { expression: 'where(label == 0.5, -max(logp_w, logp_l) - log1p(exp(-abs(logp_w - logp_l))), -logp_w)' },
    optimizer: { kind: 'adam', learningRate: 0.3, steps: 80 },
  };
}

/** What two fitted values for each item answer: the likeliest of the three. */
export function answersOfTwoValues({ final }: Trial, items: number): (a: number, b: number) => Answered['answer'] {
  const flat = final['unembedding'] ?? new Float64Array();
  const value = (item: number, block: number) => (flat[items * (2 + block) + item] ?? 0) - (flat[items * block + item] ?? 0);
  return (a, b) => {
    const [first, second] = [sigmoid(value(a, 0) - value(b, 0)), sigmoid(value(a, 1) - value(b, 1))];
    const [wins, loses] = [first * second, (1 - first) * (1 - second)];
    if (1 - wins - loses >= Math.max(wins, loses)) return 0;
    return wins > loses ? 1 : -1;
  };
}

/** One value for each item, with ties of Davidson's model where the answer was neither. */
export const fitWithTies = (items: number, compared: readonly Answered[]): Omit<Experiment, 'seed'> => {
  const turned = compared.map((one) => (one.answer < 0 ? { a: one.b, b: one.a, answer: 1 as const } : one));
  const experiment = fitScorer(
    turned.map((one) => oneHot(items, one)),
    { learningRate: 0.2, objective: { name: 'davidson_dpo', params: { beta: 1 } } },
  );
  return { ...experiment, pairs: experiment.pairs.map((pair, i) => ({ ...pair, label: turned[i]?.answer === 0 ? 0.5 : 1 })) };
};

/** Answers by one score for each item: neither within the band that is right most often on what was compared. */
export function answersByBand(scores: readonly number[], compared: readonly Answered[]): (a: number, b: number) => Answered['answer'] {
  const lead = (a: number, b: number) => (scores[a] ?? 0) - (scores[b] ?? 0);
  const within = (band: number) => (a: number, b: number) => (Math.abs(lead(a, b)) < band ? 0 : lead(a, b) > 0 ? 1 : -1);
  const right = (band: number) => compared.filter(({ a, b, answer }) => within(band)(a, b) === answer).length;
  const bands = [0, ...compared.map(({ a, b }) => Math.abs(lead(a, b)) + 1e-9)];
  return within(bands.reduce((best, band) => (right(band) > right(best) ? band : best), 0));
}
