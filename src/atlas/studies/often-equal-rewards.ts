import { defineStudy, type Run, type Stage } from '../study.ts';
import { groupOf, twoAnswers } from '../toys/answer-groups.ts';
import { Draws } from '../toys/draws.ts';

const groups = 200;

interface Truth {
  /** right answers in each group */
  readonly right: readonly number[];
}

const isEqual = (k: number, n: number): boolean => k === 0 || k === n;
const trainedOn =
  (which: 'all' | 'equal'): Stage<Truth> =>
  ({ experiment, truth, values: { n = 8 } }) => {
    const some = truth.right.filter((k) => which === 'all' || isEqual(k, n));
    return { ...experiment, groups: (some.length > 0 ? some : [0]).map((k) => groupOf(0, k, n)) };
  };
const push = ({ trial, values: { right = 0.95 } }: Run<Truth>): number => {
  const [a = Number.NaN, b = Number.NaN] = trial.final['logits'] ?? [];
  const [before = 0, other = 0] = twoAnswers(right);
  return Math.abs(a - b - (before - other));
};

export const study = defineStudy<Truth>()({
  id: 'often-equal-rewards',
  finding: 'Groups of equal rewards push nothing',
  mechanism:
    'An advantage is a reward less the mean of its group. Where all rewards are equal every advantage is 0, and the more prompts are solved always or never, the more groups are of this kind.',
  setup:
    'One prompt that is answered right 95 % of the time; two hundred groups of eight are drawn. One update of GRPO on all of them, and one on those alone whose rewards are equal.',
  leavesOut:
    'One prompt, right or wrong. With a KL term in the loss a group of equal rewards still has that gradient, and it counts in the mean over groups.',
  tex: String.raw`P(\text{all equal})=p^{K}+(1-p)^{K}`,
  provenance: 'our reading',
  parameters: {
    right: { label: 'Right answers', symbol: 'p', min: 0.01, max: 0.99, default: 0.95 },
    n: { label: 'Answers in a group', symbol: 'K', min: 2, max: 64, default: 8, integer: true },
  },
  toy: (seed, { right, n }) => {
    const draws = new Draws(seed);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [twoAnswers(right)] },
        pairs: [],
        groups: [groupOf(0, 0, n)],
        objective: { name: 'grpo' },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
      },
      truth: { right: Array.from({ length: groups }, () => draws.coins(n, right).reduce<number>((sum, coin) => sum + coin, 0)) },
    };
  },
  arms: {
    all: { label: 'All groups', train: trainedOn('all') },
    equal: { label: 'Those of equal rewards', train: trainedOn('equal') },
  },
  measures: {
    share: {
      label: 'share of groups whose rewards are equal',
      of: ({ truth, values: { n = 8 } }) => truth.right.filter((k) => isEqual(k, n)).length / truth.right.length,
    },
    push: { label: 'how far one update moves the logits apart', of: push },
  },
  plot: { kind: 'law', y: 'share', over: 'right', at: [0.01, 0.03, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99], arms: ['all'] },
  claims: [
    {
      id: 'equal-push-nothing',
      statement: 'One update of GRPO on groups whose rewards are equal, without a KL term, moves nothing.',
      where: 'the definition of the advantages',
      kind: 'identity',
      refutedBy: 'a move beyond rounding in one seed',
      left: ['equal', 'push'],
      by: 'each',
      bound: { atMost: 1e-6 },
      because: 'a proof; the start’s logits below 5 are rounded to 32 bits, 5 · 2⁻²⁴ = 3e-7 each',
      expected: 'holds',
    },
    {
      id: 'others-push',
      statement: 'One update on all groups, at rate 1, moves the logits of right and wrong answers apart by at least 0.1 on average.',
      where: 'what is left to learn from',
      kind: 'toy',
      refutedBy: 'a smaller mean move',
      left: ['all', 'push'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'half of what a third of the groups gives where their rewards differ by one wrong answer in eight',
      expected: 'holds',
    },
    {
      id: 'most-are-equal',
      statement: 'Of a prompt that is answered right 95 % of the time, at least half of the groups of eight teach nothing, on average.',
      where: 'zero-variance groups',
      kind: 'toy',
      refutedBy: 'a smaller mean share',
      left: ['all', 'share'],
      by: 'mean',
      bound: { atLeast: 0.5 },
      because: 'half; .95⁸ = .66 is expected',
      expected: 'holds',
    },
  ],
  seeds: { page: 12, test: 3 },
});
