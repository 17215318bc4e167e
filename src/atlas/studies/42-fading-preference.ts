import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, weightsOf } from '../toys/scorer.ts';

const answers = 8;

interface Truth {
  readonly base: number[];
  /** how much the user likes each answer */
  readonly liking: number[];
}

/** Probability of answers that the user likes, where the learned preference counts so much. */
const followed =
  (strength: (turns: number, memory: number) => number) =>
  ({ truth, trial, values: { turns = 0, memory = 1 } }: Run<Truth>): number => {
    const learned = weightsOf(trial);
    const probs = softmax(truth.base.map((value, y) => value + (learned[y] ?? 0) * strength(turns, memory)));
    return probs.reduce((sum, p, y) => sum + ((truth.liking[y] ?? 0) > 0 ? p : 0), 0);
  };
const fading = (turns: number, memory: number): number => Math.exp(-turns / memory);

export const study = defineStudy<Truth>()({
  id: '42-fading-preference',
  finding: 'If a preference fades, a reminder helps',
  mechanism:
    'The paper is a benchmark of whether language models still follow, many turns on, a preference that was said or implied once. The toy beside it is an analogy: a preference counts less with every turn, as memory is taken to fade, and a reminder brings it back.',
  setup:
    'Eight answers; a user’s liking learned by DPO from 100 comparisons, then multiplied by e^(−k/6) after k = 10 turns, with and without a reminder that adds 1.',
  headline:
    'Zero-shot, most models follow fewer than 10 % of preferences after 10 turns; 3000 pairs of a preference and a question, 20 topics.',
  leavesOut:
    'An analogy, true by construction: that memory fades, and how, is put in, so there is no claim here. It is no evidence of how a language model remembers; the evidence is the benchmark.',
  tex: 'z=z_0+w\\,\\big(e^{-k/\\tau}+\\mathbf 1_{\\mathrm{reminder}}\\big)',
  parameters: {
    turns: { label: 'Turns since', symbol: 'k', min: 0, max: 40, default: 10, integer: true },
    memory: { label: 'Turns until about a third is left', symbol: '\\tau', min: 1, max: 40, default: 6 },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const [base, liking] = [draws.normals(answers), draws.normals(answers, 2)];
    const one = (answer: number, sign: number) => Array.from({ length: answers }, (_, y) => (y === answer ? sign : 0));
    const compared = Array.from({ length: 100 }, () => {
      const [a, b] = draws.two(answers);
      const [w, l] = draws.prefers((liking[a] ?? 0) - (liking[b] ?? 0)) ? [a, b] : [b, a];
      return one(w, 1).map((value, y) => value + (one(l, -1)[y] ?? 0));
    });
    return { experiment: fitScorer(compared, { steps: 40 }), truth: { base, liking } };
  },
  arms: { learned: { label: 'Learned preference', train: ({ experiment }) => experiment } },
  measures: {
    soon: { label: 'liked answers, at once', of: followed(() => 1) },
    late: { label: 'liked answers, later', of: followed(fading) },
    reminded: { label: 'liked answers, later and reminded', of: followed((turns, memory) => 1 + fading(turns, memory)) },
  },
  plot: { kind: 'law', y: 'late', over: 'turns', at: [0, 2, 5, 10, 20, 40] },
  claims: [],
  seeds: { page: 16, test: 4 },
});
