import { dot } from '../../core/vectors.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { logLinearWeights, pairAccuracy, rankings, turnedBy } from '../toys/scorer.ts';

const [dimensions, tests] = [8, 500];

interface Truth {
  /** [prompt][place] features, best first */
  readonly lists: number[][][];
  readonly test: number[][];
}

const optimizer = { kind: 'adam', learningRate: 0.1, steps: 60, weightDecay: 0.02 } as const;
const listwise = { name: 'plackett_luce', params: { beta: 1 } };

export const study = defineStudy<Truth>()({
  id: '58-whole-rankings',
  finding: 'A whole ranking teaches more than one pair',
  mechanism:
    'A ranking of five answers is four choices: the best of all, the best of the rest, and so on. One pair taken from it keeps only part of that.',
  setup:
    'Twenty prompts with five answers of eight features, ranked with Gumbel noise; 500 new comparisons to test. The score is linear in the features.',
  leavesOut:
    'The paper scales every score by gaps of rewards, takes means over an answer’s tokens, and adds a likelihood term; here there is none of these, every scale is 1, and the answers’ features are known.',
  tex: '-\\sum_{k=1}^{n-1}\\log\\frac{e^{s_k}}{\\sum_{i\\ge k}e^{s_i}}',
  parameters: {
    prompts: { label: 'Ranked lists', symbol: 'N', min: 5, max: 60, default: 20, integer: true },
    noise: { label: 'Noise of the rankings', symbol: '\\sigma', min: 0.1, max: 4, default: 1 },
  },
  toy: (seed, { prompts, noise }) => {
    const draws = new Draws(seed);
    const weights = draws.normals(dimensions, 0.5);
    const lists = Array.from({ length: prompts }, () =>
      draws
        .normalRows(5, dimensions)
        .map((row) => ({ row, utility: dot(row, weights) + noise * draws.gumbel() }))
        .toSorted((a, b) => b.utility - a.utility)
        .map(({ row }) => row),
    );
    const test = turnedBy(weights, draws.normalRows(tests, dimensions));
    return {
      experiment: { ...rankings(lists), objective: listwise, optimizer },
      truth: { lists, test },
    };
  },
  arms: {
    whole: { label: 'Whole rankings', train: ({ experiment }) => experiment },
    two: {
      label: 'Best two alone',
      train: ({ experiment, truth }) => ({ ...experiment, ...rankings(truth.lists.map((list) => list.slice(0, 2))) }),
    },
    extremes: {
      label: 'Best against worst',
      train: ({ experiment, truth }) => ({ ...experiment, ...rankings(truth.lists.map((list) => [list[0] ?? [], list.at(-1) ?? []])) }),
    },
    top: {
      label: 'Best against the rest',
      train: ({ experiment }) => ({ ...experiment, objective: { name: 'sdpo', params: { beta: 1 } } }),
    },
  },
  measures: {
    accuracy: { label: 'accuracy on new comparisons', of: ({ truth, trial }) => pairAccuracy(logLinearWeights(trial), truth.test) },
  },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [
    {
      id: 'than-two',
      statement:
        'Twenty rankings of five teach more than their best two answers each: accuracy on new comparisons is higher by at least 4 percentage points on average.',
      where: 'the length of the ranking',
      kind: 'empirical',
      refutedBy: 'a mean gain below 0.04',
      left: ['whole', 'accuracy'],
      right: ['two', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.04 },
      because: 'nearly twice the deviation that 500 tests leave',
      expected: 'holds',
    },
    {
      id: 'than-extremes',
      statement: 'Twenty whole rankings of five teach more than the best against the worst of each, on average.',
      where: 'the choice of pairs',
      kind: 'toy',
      refutedBy: 'a mean gain that is not above 0',
      left: ['whole', 'accuracy'],
      right: ['extremes', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'than-top',
      statement: 'Twenty whole rankings of five teach more than the best of each against all the rest, on average.',
      where: 'the recursion over the rest',
      kind: 'toy',
      refutedBy: 'a mean gain that is not above 0',
      left: ['whole', 'accuracy'],
      right: ['top', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 4 },
});
