import { expectedReward } from '../../core/exact.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { cosine, dot, withNorm } from '../../core/vectors.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, subtract, weightsOf } from '../toys/scorer.ts';

const [responses, dimensions, trueLength] = [20, 5, 2];

interface Truth {
  readonly features: number[][];
  readonly direction: number[];
}

/** The best response's reward less that of the policy with these weights. */
function regret({ features, direction }: Truth, weights: readonly number[]): number {
  const rewards = features.map((row) => dot(row, direction));
  return Math.max(...rewards) - expectedReward(logSoftmax(features.map((row) => dot(row, weights))), rewards);
}

export const study = defineStudy<Truth>()({
  id: '43-robust-labels',
  finding: 'Flips shrink the margins; a correction stretches them',
  mechanism:
    'Where a known share of labels is turned round, a correction makes the loss right on average. Without it the flips shrink the margins that DPO learns; with it, at 400 comparisons, the weights end longer than the true ones in most seeds.',
  setup:
    'Twenty responses with five random features, true weights of length 2; 400 comparisons by a Bradley–Terry judge, some turned round. Regret is the best response’s reward less the policy’s.',
  headline:
    'A proof, for log-linear policies and an SFT policy that covers the features well: sub-optimality of order √(d/n) / (1 − 2ε), with d parameters, n comparisons and flip rate ε.',
  leavesOut:
    'The flip rate is known exactly. The formula is TRL’s. The paper’s bound is on the gap to the optimal policy, not to the best response. Measured against the best response, weights that are too long pay. The corrected loss has no lower bound: in about a third of the seeds its weights would grow on, and the end after 200 updates stops them, not the weight decay.',
  tex: '\\frac{-(1-\\varepsilon)\\log\\sigma(m)+\\varepsilon\\log\\sigma(-m)}{1-2\\varepsilon}',
  parameters: {
    flips: { label: 'Labels turned round', symbol: '\\varepsilon', min: 0, max: 0.45, default: 0.3 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.2, max: 5, default: 1 },
    pairs: { label: 'Comparisons', symbol: 'n', min: 50, max: 5000, default: 400, integer: true },
  },
  toy: (seed, { flips, beta, pairs }) => {
    const draws = new Draws(seed);
    const features = draws.normalRows(responses, dimensions);
    const direction = withNorm(draws.normals(dimensions), trueLength);
    const differences = Array.from({ length: pairs }, () => {
      const [a, b] = draws.two(responses);
      const difference = subtract(features[a] ?? [], features[b] ?? []);
      return draws.prefers(dot(difference, direction)) !== (draws.coin(flips) === 1) ? difference : difference.map((value) => -value);
    });
    return {
      experiment: fitScorer(differences, { beta, steps: 200, weightDecay: 1e-4 }),
      truth: { features, direction },
    };
  },
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    cdpo: {
      label: 'cDPO',
      train: ({ experiment, values: { beta = 1, flips = 0 } }) => ({
        ...experiment,
        objective: { name: 'cdpo', params: { beta, labelSmoothing: flips } },
      }),
    },
    rdpo: {
      label: 'rDPO',
      train: ({ experiment, values: { beta = 1, flips = 0 } }) => ({
        ...experiment,
        objective: { name: 'robust', params: { beta, labelSmoothing: flips } },
      }),
    },
  },
  measures: {
    regret: { label: 'regret against the best response', of: ({ truth, trial }) => regret(truth, weightsOf(trial)) },
    matched: {
      label: 'regret at the true length of the weights',
      of: ({ truth, trial }) => regret(truth, withNorm(weightsOf(trial), trueLength)),
    },
    cosine: { label: 'cosine to the true weights', of: ({ truth, trial }) => cosine(weightsOf(trial), truth.direction) },
  },
  plot: { kind: 'strip', y: 'regret' },
  claims: [
    {
      id: 'less-regret',
      statement: 'With 30 % of the labels turned round, at one β, the corrected loss regrets less than DPO in most seeds.',
      where: 'the bound on sub-optimality',
      kind: 'empirical',
      refutedBy: 'more than one seed in five in which DPO ends with the smaller regret',
      left: ['dpo', 'regret'],
      right: ['rdpo', 'regret'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'half-a-unit',
      statement:
        'With 30 % of the labels turned round, at one β, the corrected loss regrets at least half a unit of reward less than DPO, on average.',
      where: 'the bound on sub-optimality',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['dpo', 'regret'],
      right: ['rdpo', 'regret'],
      by: 'mean',
      bound: { atLeast: 0.5 },
      because: 'a quarter of the length of the true weights',
      expected: 'holds',
    },
    {
      id: 'than-smoothing',
      statement:
        'With 30 % of the labels turned round, at one β, smoothed labels regret more in most seeds than the corrected loss does: they shrink margins once more.',
      where: 'the comparison with cDPO',
      kind: 'empirical',
      refutedBy: 'more than one seed in five in which cDPO ends with the smaller regret',
      left: ['cdpo', 'regret'],
      right: ['rdpo', 'regret'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'direction',
      statement: 'The corrected loss finds a better direction than DPO: it regrets less with the weights of both set to the true length.',
      where: 'what “robust” suggests',
      kind: 'toy',
      refutedBy: 'a mean gap below 0.25 at equal length',
      left: ['dpo', 'matched'],
      right: ['rdpo', 'matched'],
      by: 'mean',
      bound: { atLeast: 0.25 },
      because: 'half of the gap that is claimed at one β',
      expected: 'does not hold',
      instead:
        'At equal length both regret nearly the same: the correction lengthens the weights that flips have shortened, mostly past the true length, and a smaller β would lengthen them, too.',
    },
  ],
  seeds: { page: 16, test: 4 },
});
