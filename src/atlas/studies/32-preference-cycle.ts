import { mean } from '../../core/numerics.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, weightsOf } from '../toys/scorer.ts';
import { fitSkewScores, skewScore } from '../toys/skew-scores.ts';

const dimensions = 2;
type Beats = readonly [winner: number, loser: number];
interface Truth {
  readonly items: number;
  /** every pair once, as it is */
  readonly beats: Beats[];
  /** as the judge labels them */
  readonly labels: Beats[];
}

/** Share of pairs that are told right, ties counting half. */
const accuracyOf = ({ truth: { beats } }: Run<Truth>, score: (i: number, j: number) => number): number =>
  mean(
    beats.map(([winner, loser]) => {
      const lead = score(winner, loser);
      return (1 + (Math.abs(lead) < 1e-4 ? 0 : Math.sign(lead))) / 2;
    }),
  );

export const study = defineStudy<Truth>()({
  id: '32-preference-cycle',
  finding: 'Two numbers hold a circle, one cannot',
  mechanism:
    'One number for each answer puts all answers in an order, and a circle of preferences has none. A score of both answers that changes its sign when they trade places can go round.',
  setup: 'Nine items in a circle, each beating the four behind it: 36 comparisons. One score for each item, or two coordinates.',
  headline: 'In the first version, up to 5.6 % more on RewardBench, and up to 9.3 % downstream; the last abstract gives no number.',
  leavesOut:
    'Every pair is seen; the paper’s embeddings come from a language model and judge answers that are new, with a scale for each prompt.',
  tex: 'P(i\\succ j)=\\sigma\\big(v_i^\\top R\\,v_j\\big),\\quad R^\\top=-R',
  parameters: {
    half: { label: 'Items that each beats', symbol: 'k', min: 1, max: 6, default: 4, integer: true },
    flips: { label: 'Labels turned round', symbol: '\\varepsilon', min: 0, max: 0.4, default: 0 },
  },
  toy: (seed, { half, flips }) => {
    const draws = new Draws(seed);
    const items = 2 * half + 1;
    const beats = Array.from({ length: items * half }, (_, n): Beats => [n % items, (n + 1 + Math.floor(n / items)) % items]);
    const labels = beats.map(([winner, loser]): Beats => (draws.coin(flips) ? [loser, winner] : [winner, loser]));
    return { experiment: fitSkewScores(draws, items, labels, { dimensions }), truth: { items, beats, labels } };
  },
  arms: {
    skew: { label: 'Skew-symmetric scores', train: ({ experiment }) => experiment },
    scalar: {
      label: 'One score for each',
      train: ({ truth: { items, labels } }) => ({
        ...fitScorer(labels.map(([winner, loser]) => Array.from({ length: items }, (_, i) => Number(i === winner) - Number(i === loser)))),
        // Adam would follow the rounding of a gradient that is 0.
        optimizer: { kind: 'sgd', learningRate: 2, steps: 150 },
      }),
    },
  },
  measures: {
    accuracy: {
      label: 'pairs that are told right',
      of: (run) => {
        if (run.trained.policy.kind === 'features' && run.trained.policy.train !== 'unembedding')
          return accuracyOf(run, (i, j) => skewScore(run.trial, dimensions, i, j));
        const scores = weightsOf(run.trial);
        return accuracyOf(run, (i, j) => (scores[i] ?? 0) - (scores[j] ?? 0));
      },
    },
  },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [
    {
      id: 'goes-round',
      statement: 'In two coordinates, skew-symmetric scores tell at least nine pairs in ten of this circle right, on average over starts.',
      where: 'expressiveness on cycles',
      kind: 'empirical',
      refutedBy: 'a lower mean',
      left: ['skew', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.9 },
      because: 'an order of nine items tells at most 26 of these 36 right, a share of 0.72',
      expected: 'holds',
    },
    {
      id: 'scalar-ties',
      statement: 'On this circle, maximum likelihood with one score for each item calls every pair a tie.',
      where: 'why Bradley–Terry cannot',
      kind: 'identity',
      refutedBy: 'a share other than one half in one seed',
      left: ['scalar', 'accuracy'],
      by: 'each',
      bound: { atMost: 0.5 },
      because: 'each item wins as often as it loses, so equal scores are where the likelihood has its one maximum',
      expected: 'holds',
    },
    {
      id: 'far-better',
      statement:
        'The share of this circle’s pairs told right is larger by at least 0.3 with two coordinates than with one score, from most starts.',
      where: 'the comparison with Bradley–Terry',
      kind: 'toy',
      refutedBy: 'surely fewer than nine starts in ten in which it is',
      left: ['skew', 'accuracy'],
      right: ['scalar', 'accuracy'],
      by: { share: 0.9 },
      bound: { atLeast: 0.3 },
      because: 'more than any order can gain over ties: 0.22',
      expected: 'holds',
    },
  ],
  seeds: { page: 32, test: 4 },
});
