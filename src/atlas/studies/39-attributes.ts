import { mean } from '../../core/numerics.ts';
import { rankCorrelation } from '../../core/rank-correlation.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { features } from '../toys/diffusion/denoiser.ts';
import { LeastSquares } from '../toys/diffusion/least-squares.ts';
import { ancestral } from '../toys/diffusion/samplers.ts';
import { levels, noised } from '../toys/diffusion/schedule.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, subtract, weightsOf } from '../toys/scorer.ts';

const [reach, known, knots, requests, repeats] = [2.5, 400, 4, 9, 20];
interface Truth {
  /** numbers that are to be imitated */
  readonly numbers: number[];
}

/** What a score of attributes sees of a number. */
const cubic = (x: number): number[] => [x, x ** 2, x ** 3];

/** Which features of the wanted strength stand beside those of the number: two neighbouring knots, by a straight line. */
function strengthFeatures(strength: number): number[] {
  const place = Math.min(Math.max(strength, 0), 1) * (knots - 1);
  return Array.from({ length: knots }, (_, knot) => Math.max(0, 1 - Math.abs(place - knot)));
}
const bothFeatures = (x: number, strength: number): number[] => {
  const of = features(x);
  return strengthFeatures(strength).flatMap((part) => of.map((value) => part * value));
};

/** A denoiser that is told the strength, which is the rank of a known number by the fitted score, from 0 to 1. */
function plannerOf({ trial, truth: { numbers }, seed }: Run<Truth>): (draws: Draws, strength: number) => number {
  const weights = weightsOf(trial);
  const scores = numbers.map((x) => dot(weights, cubic(x)));
  const strengths = new Array<number>(known).fill(0);
  for (const [rank, i] of [...scores.keys()].sort((a, b) => (scores[a] ?? 0) - (scores[b] ?? 0)).entries()) strengths[i] = rank / known;
  const draws = new Draws(seed, 1);
  const denoiser = Array.from({ length: levels }, (_, level) => {
    const squares = new LeastSquares(knots * features(0).length);
    for (const [i, x] of numbers.entries()) {
      const noise = draws.normal();
      squares.add(bothFeatures(noised(x, noise, level), strengths[i] ?? 0), noise);
    }
    return squares.solve(0.5);
  });
  return (random, strength) => ancestral(random, (x, level) => dot(denoiser[level] ?? [], bothFeatures(x, strength)));
}

/** How strong a number truly is, from 0 to 1. */
const trueStrength = (x: number): number => (x + reach) / (2 * reach);
const wishes = Array.from({ length: requests * repeats }, (_, i) => 0.1 + (0.8 * Math.floor(i / repeats)) / (requests - 1));

const knownPlans = new WeakMap<object, number[]>();
/** What comes of the wishes: how strong each drawn number truly is. */
function achieved(run: Run<Truth>): number[] {
  const ready = knownPlans.get(run.trial);
  if (ready) return ready;
  const sample = plannerOf(run);
  const draws = new Draws(run.seed, 2);
  const plans = wishes.map((wish) => trueStrength(sample(draws, wish)));
  knownPlans.set(run.trial, plans);
  return plans;
}

export const study = defineStudy<Truth>()({
  id: '39-attributes',
  finding: 'A planner told a strength mostly delivers it',
  mechanism:
    'Comparisons give a score of how strong an attribute is, and here each known sample is relabelled with its rank by that score. A diffusion model that is told the rank then draws samples of the strength that is asked for.',
  setup:
    'Numbers between -2.5 and 2.5, stronger to the right; 600 noisy comparisons fit a cubic score. A denoiser that is told the rank, solved in closed form on 400 numbers drawn evenly; nine strengths are asked for, 20 times each.',
  leavesOut:
    'One number with one attribute: no plans, no motion, no people. The released code leaves attributes out at times in training, a fifth of them, steers with the second formula (w = 2 or 3 in its evaluation), and carries out, of several plans, the first action of the one whose predicted attributes are nearest to the wish; the toy does none of this. Ranks are this page’s: that code takes the score itself, scaled to its range, in a hundred steps.',
  tex: '\\hat v(x)\\;\\longrightarrow\\;\\epsilon_\\theta(x_t,t,\\hat v);\\qquad\\epsilon_\\varnothing+w\\,(\\epsilon_{\\hat v}-\\epsilon_\\varnothing)',
  parameters: {
    comparisons: { label: 'Comparisons', symbol: 'n', min: 20, max: 3000, default: 600, integer: true },
    certainty: { label: 'How sure people are', symbol: 'c', min: 0.1, max: 10, default: 2 },
  },
  toy: (seed, { comparisons, certainty }) => {
    const draws = new Draws(seed);
    const numbers = Array.from({ length: known }, () => reach * (2 * draws.uniform() - 1));
    const differences = Array.from({ length: comparisons }, () => {
      const [a, b] = [numbers[draws.below(known)] ?? 0, numbers[draws.below(known)] ?? 0];
      return draws.prefers(certainty * (a - b)) ? subtract(cubic(a), cubic(b)) : subtract(cubic(b), cubic(a));
    });
    return { experiment: fitScorer(differences, { learningRate: 0.05, steps: 100 }), truth: { numbers } };
  },
  arms: { conditioned: { label: 'Planner told the strength', train: ({ experiment }) => experiment } },
  measures: {
    agreement: { label: 'rank correlation of wished and achieved', of: (run) => rankCorrelation(wishes, achieved(run)) },
    miss: { label: 'mean distance from the wish', of: (run) => mean(achieved(run).map((value, i) => Math.abs(value - (wishes[i] ?? 0)))) },
  },
  plot: { kind: 'strip', y: 'agreement' },
  claims: [
    {
      id: 'delivers',
      statement: 'What is drawn agrees in rank with what was asked for: a correlation of at least 0.95 in most seeds.',
      where: 'wished and achieved strength of an attribute',
      kind: 'toy',
      refutedBy: 'a lower correlation in more than a fifth of the seeds',
      left: ['conditioned', 'agreement'],
      by: { share: 0.8 },
      bound: { atLeast: 0.95 },
      because: 'nine tenths of the variance of ranks',
      expected: 'holds',
    },
    {
      id: 'how-near',
      statement:
        'Averaged over its samples, the planner misses the strength that was asked for by at most 0.05 of the whole range, in most seeds.',
      where: 'how well a wish is met',
      kind: 'toy',
      refutedBy: 'a larger distance in more than a fifth of the seeds',
      left: ['conditioned', 'miss'],
      by: { share: 0.8 },
      bound: { atMost: 0.05 },
      because: 'half of the distance between two wishes',
      expected: 'holds',
    },
  ],
  seeds: { page: 14, test: 2 },
});
