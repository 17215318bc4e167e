import { expectedReward } from '../../core/exact.ts';
import { rankCorrelation } from '../../core/rank-correlation.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, judgedBy, weightsOf } from '../toys/scorer.ts';

const [properties, answers] = [29, 200];

interface Truth {
  readonly judge: number[];
  /** what somebody else cares about, unrelated to the judge */
  readonly other: number[];
  readonly features: number[][];
}

/** How much better the policy that is tilted towards the fitted weights scores than the uniform one. */
const gain =
  (of: (truth: Truth) => readonly number[]) =>
  ({ truth, trial, values: { temperature = 1 } }: Run<Truth>): number => {
    const [fitted, scores] = [weightsOf(trial), truth.features.map((row) => dot(row, of(truth)))];
    const policy = logSoftmax(truth.features.map((row) => dot(row, fitted) / temperature));
    return expectedReward(policy, scores) - scores.reduce((sum, score) => sum + score, 0) / answers;
  };

export const study = defineStudy<Truth>()({
  id: '16-judges-properties',
  finding: 'Pleasing one judge need not please another',
  mechanism:
    'A linear model over the properties of answers can explain a judge; a policy that is tilted towards its weights pleases that judge, and need not please one who weighs them otherwise.',
  setup:
    'A judge with normal weights of deviation ½ on 29 properties, 800 comparisons; 200 answers, tilted to the fitted weights at temperature ½; a second judge with weights of its own.',
  headline: 'Scores moved by up to 0.59 on MT-Bench (from 1 to 10) and 31.94 on AlpacaEval 2.0 (from 0 to 100).',
  leavesOut:
    'The toy fits by likelihood. The released code has a prior besides, Laplace at scale 0.1, which pulls weights towards 0, and takes the posterior mean. Properties are drawn, not annotated.',
  tex: 'P(a\\succ b)=\\sigma\\big(w^\\top(\\phi_a-\\phi_b)\\big),\\qquad w_k\\sim\\mathrm{Laplace}(0,\\,0.1)',
  parameters: {
    comparisons: { label: 'Comparisons', symbol: 'n', min: 100, max: 4000, default: 800, integer: true },
    temperature: { label: 'Temperature of the tilt', symbol: 'T', min: 0.1, max: 5, default: 0.5 },
  },
  toy: (seed, { comparisons }) => {
    const draws = new Draws(seed);
    const [judge, other] = [draws.normals(properties, 0.5), draws.normals(properties, 0.5)];
    const compared = Array.from({ length: comparisons }, () => Array.from({ length: properties }, () => draws.categorical([1, 3, 1]) - 1));
    return {
      experiment: fitScorer(judgedBy(judge, compared, draws), { learningRate: 0.1, steps: 60 }),
      truth: { judge, other, features: Array.from({ length: answers }, () => draws.coins(properties, 0.3)) },
    };
  },
  arms: { fitted: { label: 'Fitted weights', train: ({ experiment }) => experiment } },
  measures: {
    recovery: {
      label: 'rank correlation of fitted and true weights',
      of: ({ truth, trial }) => rankCorrelation(weightsOf(trial), truth.judge),
    },
    judge: { label: 'gain by the judge', of: gain(({ judge }) => judge) },
    other: { label: 'gain by another judge', of: gain(({ other }) => other) },
  },
  plot: { kind: 'scatter', x: 'other', y: 'judge' },
  claims: [
    {
      id: 'recovered',
      statement: 'From 800 comparisons the order of the judge’s weights is found, with a rank correlation of at least 0.9 on average.',
      where: 'the linear model of a judge',
      kind: 'toy',
      refutedBy: 'a lower mean',
      left: ['fitted', 'recovery'],
      by: 'mean',
      bound: { atLeast: 0.9 },
      because: 'nearly five deviations above what unrelated weights give',
      expected: 'holds',
    },
    {
      id: 'games-that-judge',
      statement:
        'A policy that is tilted to a judge’s fitted weights gains, over the uniform one, at least one unit more with that judge than with one of unrelated weights, on average.',
      where: 'scores moved by aligning to the weights',
      kind: 'empirical',
      refutedBy: 'a smaller mean gap',
      left: ['fitted', 'judge'],
      right: ['fitted', 'other'],
      by: 'mean',
      bound: { atLeast: 1 },
      because: 'nearly the deviation of one answer’s score, about 1.2',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 4 },
});
