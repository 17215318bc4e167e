import { labelRewards, noisyLabels } from '../../../atlas/toys/noisy-labels.ts';
import { setting } from '../../../shell/controls/format.ts';
import { linear, logarithmic, type MapToy, type NumbersAbout } from './map-toy.ts';
import { calm, mild, strong } from './regimes.ts';

const numbers = {
  flipRate: { label: 'flip rate', path: 'data.flipRate', key: 'flip', default: 0.1, range: linear(0, 0.5), valid: [0, 1] },
  coverage: { label: 'coverage', path: 'data.coverage', default: 1, range: linear(0.2, 1), valid: [0, 1] },
  temperature: { label: 'label temperature', path: 'data.temperature', default: 0.25, range: logarithmic(0.02, 2), valid: [0.001, 100] },
  count: { label: 'pairs', path: 'data.count', key: 'pairs', default: 24, range: { ...logarithmic(2, 32), integer: true }, valid: [1, 64] },
  sharpness: { label: 'initial scale', path: 'policy.logits[0]', default: 1, range: linear(0, 3), valid: [0, 20] },
} as const satisfies NumbersAbout;

export const labels = {
  id: 'labels',
  title: 'Noisy labels',
  about:
    'Ten responses and generated preferences, of which some may be turned round, or some responses never seen: what reward is reached?',
  x: 'flipRate',
  y: 'learningRate',
  start: { learningRate: 1, steps: 100 },
  rates: [1e-2, 100],
  numbers,
  isDrawn: true,
  outcomes: labelRewards.map((_, response) => `response ${response}`),
  rewards: labelRewards,
  metric: { id: 'reward', label: 'Expected reward', unit: '', signed: false, measured: 'expectedReward' },
  regimes: {
    worse: 'earns less reward',
    better: 'earns more',
    regimes: [
      { label: 'good', colour: calm, rule: ({ good }) => `expected reward ${setting(good)} or more` },
      { label: 'fair', colour: mild, rule: ({ good, poor }) => `from ${setting(poor)}, below ${setting(good)}` },
      { label: 'poor', colour: strong, rule: ({ poor }) => `below ${setting(poor)}` },
    ],
    thresholds: {
      good: { label: 'Good from a reward of', default: 0.8, min: 0, max: 1 },
      poor: { label: 'Poor below a reward of', default: 0.5, min: 0, max: 1 },
    },
    of: ({ expectedReward }, index, { good, poor }) => {
      const reward = expectedReward[index] ?? Number.NaN;
      return reward >= good ? 0 : reward >= poor ? 1 : 2;
    },
  },
  experiment: noisyLabels,
} as const satisfies MapToy<Readonly<Record<keyof typeof numbers, number>>, 'good' | 'poor'>;
