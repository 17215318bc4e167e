import { expectedReward } from '../../core/exact.ts';
import type { Experiment } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Outcome, type Stage, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, judgedBy, pairAccuracy, subtract, turnedBy, weightsOf } from '../toys/scorer.ts';
import { startedAt } from '../toys/started-scorer.ts';

const [dimensions, answers, tests, ownPrompts, rounds] = [12, 6, 300, 180, 3];
const rate = 0.04;
const [firstUpdates, ownUpdates] = [100, 50];
/** Updates of a round before doubtful labels are smoothed: a fifth, as in the released code. */
const plainly = ownUpdates / 5;

interface Truth {
  readonly seeds: number[][];
  /** [round][prompt][answer][feature] */
  readonly asked: number[][][][];
  /** [prompt][answer][feature] */
  readonly tests: number[][][];
  /** [prompt][answer] */
  readonly rewards: number[][];
  /** two answers of each test prompt, turned as the true reward prefers */
  readonly compared: number[][];
}

const weightsIn = (outcome: Outcome | undefined): number[] => (outcome ? weightsOf(outcome) : []);

/**
 * Two answers that the policy with these weights samples at each prompt of a round, by their difference of features, turned as its own
 * log-ratio to the base prefers. The base is uniform, so that is ⟨w, φ⟩ up to what both share.
 */
function ownPairs({ seed, truth }: World<Truth>, round: number, weights: readonly number[]): number[][] {
  const draws = new Draws(seed, 1 + round);
  const sampled = (truth.asked[round] ?? []).map((prompt) => {
    const [a, b] = draws.two(
      answers,
      prompt.map((row) => dot(weights, row)),
    );
    return subtract(prompt[a] ?? [], prompt[b] ?? []);
  });
  return turnedBy(weights, sampled);
}

/** DPO on the policy's own pairs, from where the round begins and with that as the reference. */
function ownFit(pairs: readonly (readonly number[])[], start: readonly number[], steps = ownUpdates): Omit<Experiment, 'seed'> {
  return startedAt(fitScorer(pairs, { learningRate: rate, steps }), start);
}

const plainRounds: Stage<Truth>[] = Array.from(
  { length: rounds },
  (_, round): Stage<Truth> =>
    (world, [before]) => {
      const start = weightsIn(before);
      return ownFit(ownPairs(world, round, start), start);
    },
);

/** A round in two: a look at the margins after a fifth of its updates, and the whole round with the lowest of them smoothed. */
const smoothedRounds: Stage<Truth>[] = Array.from({ length: rounds }, (_, round): Stage<Truth>[] => [
  (world, [before]) => {
    const start = weightsIn(before);
    const pairs = ownPairs(world, round, start);
    return [ownFit(pairs, start, plainly), ownFit(pairs, start, 0)];
  },
  (world, [look, begun]) => {
    const { share = 0, smoothing = 0 } = world.values;
    const start = weightsIn(begun);
    const pairs = ownPairs(world, round, start);
    const moved = subtract(weightsIn(look), start);
    const margins = pairs.map((row) => dot(moved, row));
    const order = [...margins.keys()].sort((a, b) => (margins[a] ?? 0) - (margins[b] ?? 0));
    const doubted = new Set(order.slice(0, Math.round(share * pairs.length)));
    const plain = ownFit(pairs, start, plainly);
    return {
      ...plain,
      stages: [
        {
          pairs: plain.pairs.map((pair, i) => ({ ...pair, label: doubted.has(i) ? 1 - smoothing : 1 })),
          objective: { name: 'soft_label_dpo', params: { beta: 1 } },
          optimizer: { ...plain.optimizer, steps: ownUpdates - plainly },
          reference: 'run start',
          optimizerState: 'kept',
        },
      ],
    };
  },
]).flat();

const seedOnly: Stage<Truth> = ({ experiment }) => experiment;

export const study = defineStudy<Truth>()({
  id: '69-own-labels',
  finding: 'Own labels help here; smoothing them does not',
  mechanism:
    'A policy trained on a few human labels judges pairs of its own samples by its log-ratio to the base, and is trained on what it said. Labels that it seems less sure of are smoothed.',
  setup:
    'Six answers a prompt with twelve features, a log-linear policy; DPO on 30 labelled pairs, then three rounds on 180 pairs of its own, each with the reference reset.',
  headline: '3.3 % of UltraFeedback’s labels are enough to beat all of them on AlpacaEval 2.0.',
  leavesOut:
    'Own labels say nothing that the policy did not know: it becomes surer of it. Doubtful labels are chosen once in a round, after a fifth of it, by margins; the released code chooses in each step from then on, by a policy that can be extrapolated. Its defaults of α and of the doubtful share are 0.1, not 0.5 and 0.3; with those smoothing costs hardly anything here, and gains nothing.',
  tex: '\\hat p=\\sigma\\Big(\\beta\\,\\Delta\\log\\tfrac{\\pi}{\\pi_{\\mathrm{ref}}}\\Big),\\qquad-(1-\\alpha+\\alpha s)\\log\\sigma(m)-(\\alpha-\\alpha s)\\log\\sigma(-m),\\quad s=\\mathbf 1[m_{\\mathrm{mix}}>Q_q(m_{\\mathrm{mix}})]',
  parameters: {
    labelled: { label: 'Labelled pairs', symbol: 'n', min: 5, max: 200, default: 30, integer: true },
    smoothing: { label: 'Smoothing of doubtful labels', symbol: '\\alpha', min: 0, max: 1, default: 0.5 },
    share: { label: 'Share that is doubtful', symbol: 'q', min: 0, max: 1, default: 0.3 },
  },
  toy: (seed, { labelled }) => {
    const draws = new Draws(seed);
    const weights = draws.normals(dimensions, 3 / Math.sqrt(dimensions));
    const prompts = (count: number) => Array.from({ length: count }, () => draws.normalRows(answers, dimensions));
    const difference = ([a = [], b = []]: number[][]) => subtract(a, b);
    const seeds = judgedBy(weights, prompts(labelled).map(difference), draws);
    const asked = Array.from({ length: rounds }, () => prompts(ownPrompts));
    const tested = prompts(tests);
    return {
      experiment: fitScorer(seeds, { learningRate: rate, steps: firstUpdates }),
      truth: {
        seeds,
        asked,
        tests: tested,
        rewards: tested.map((prompt) => prompt.map((row) => dot(weights, row))),
        compared: turnedBy(weights, tested.map(difference)),
      },
    };
  },
  arms: {
    seeds: { label: 'Labelled pairs alone', train: seedOnly },
    own: { label: 'Own labels', train: seedOnly, next: plainRounds },
    smoothed: { label: 'Own labels, doubtful ones smoothed', train: seedOnly, next: smoothedRounds },
  },
  measures: {
    reward: {
      label: 'true reward, new prompts',
      of: ({ trial, truth }) => {
        const weights = weightsOf(trial);
        return mean(
          truth.tests.map((prompt, x) => expectedReward(logSoftmax(prompt.map((row) => dot(weights, row))), truth.rewards[x] ?? [])),
        );
      },
    },
    accuracy: { label: 'accuracy on new comparisons', of: ({ trial, truth }) => pairAccuracy(weightsOf(trial), truth.compared) },
  },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'own-labels',
      statement:
        'Three rounds on labels of its own raise the policy’s true reward above that of the labelled pairs alone, in nearly all seeds.',
      where: 'self-generated preference data',
      kind: 'empirical',
      refutedBy: 'the opposite in more than a tenth of the seeds',
      left: ['own', 'reward'],
      right: ['seeds', 'reward'],
      by: { share: 0.9 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'ranks-better',
      statement:
        'Three rounds on labels of its own raise the accuracy at which the policy tells the better of two answers by at least 1 percentage point on average.',
      where: 'what the policy learns from itself',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['own', 'accuracy'],
      right: ['seeds', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.01 },
      because: 'three more of 300 comparisons',
      expected: 'does not hold',
      instead: 'In this toy the reward rises since the policy becomes surer of the order that it had.',
    },
    {
      id: 'noise-aware',
      statement: 'Smoothing doubtful labels gives at least as much reward as own labels without it, in nine seeds of ten.',
      where: 'noise-aware preference learning',
      kind: 'empirical',
      refutedBy: 'surely fewer seeds than that',
      left: ['smoothed', 'reward'],
      right: ['own', 'reward'],
      by: { share: 0.9 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'Smoothing leaves the policy nearly as sure, but of an order that is right a little less often, and here that costs reward more often than it helps.',
    },
  ],
  seeds: { page: 29, test: 4 },
});
