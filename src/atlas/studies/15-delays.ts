import { expectedReward } from '../../core/exact.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [tokens, delays] = [20, 7];
const waits = Array.from({ length: delays }, (_, i) => i + 1);

interface Truth {
  /** [token][delay] */
  readonly quality: number[][];
}

const worth = (quality: readonly (readonly number[])[], price: number): number[][] =>
  quality.map((row) => row.map((value, i) => value - price * (i + 1)));

const mean = (run: Run<Truth>, of: (token: number) => readonly number[]): number =>
  distributionsOf(run).reduce((sum, row, token) => sum + expectedReward(row, of(token)), 0) / tokens;

export const study = defineStudy<Truth>()({
  id: '15-delays',
  finding: 'A price on waiting makes translators write sooner',
  mechanism:
    'A translator that may wait for more of the sentence waits long where quality alone is preferred. A price on waiting, inside the preference, moves when it writes.',
  setup:
    'Twenty source tokens, seven delays each, quality that saturates as the delay grows; 400 pairs, 20 for each token, ordered by quality alone, or by quality less a price for each step of waiting.',
  leavesOut:
    'Of the paper’s five preferences two are here, quality and latency. Delays are chosen token by token and translations are one number, so of the formula’s two margins the toy has that of delays. The paper’s own loss was not seen: this is a reading.',
  tex: '-\\log\\sigma\\big(m_\\theta(y)+m_\\theta(\\mathrm{delays})\\big)',
  parameters: {
    price: { label: 'Price of a step of waiting', symbol: '\\lambda', min: 0, max: 0.2, default: 0.03 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (seed, { beta }) => {
    const draws = new Draws(seed);
    const quality = Array.from({ length: tokens }, () => {
      const rate = 0.5 + 1.5 * draws.uniform();
      return waits.map((delay) => 1 - Math.exp(-delay * rate));
    });
    return {
      experiment: {
        policy: { kind: 'tabular', logits: quality.map(() => waits.map((_, i) => 0.3 * i)) },
        pairs: [],
        data: { kind: 'deterministic', rewards: quality, count: 400 },
        objective: { name: 'dpo', params: { beta } },
        optimizer: { kind: 'adam', learningRate: 0.1, steps: 120 },
      },
      truth: { quality },
    };
  },
  arms: {
    quality: { label: 'Quality alone', train: ({ experiment }) => experiment },
    both: {
      label: 'Quality and delay',
      train: ({ experiment, truth, values: { price = 0 } }) => ({
        ...experiment,
        data: { kind: 'deterministic', rewards: worth(truth.quality, price), count: 400 },
      }),
    },
  },
  measures: {
    delay: { label: 'mean delay', unit: 'tokens', of: (run) => mean(run, () => waits) },
    quality: { label: 'mean quality', of: (run) => mean(run, (token) => run.truth.quality[token] ?? []) },
  },
  plot: { kind: 'scatter', x: 'delay', y: 'quality' },
  claims: [
    {
      id: 'sooner',
      statement: 'A price of 0.03 on each step makes the policy write at least two tokens sooner on average over tokens, in most seeds.',
      where: 'latency as a preference',
      kind: 'toy',
      refutedBy: 'more than one seed in five with a smaller gain',
      left: ['quality', 'delay'],
      right: ['both', 'delay'],
      by: { share: 0.8 },
      bound: { atLeast: 2 },
      because: 'nearly a third of the longest wait',
      expected: 'holds',
    },
    {
      id: 'hardly-worse',
      statement: 'A price of 0.03 on each step of waiting costs at most 0.05 of quality, in most seeds.',
      where: 'quality against latency',
      kind: 'toy',
      refutedBy: 'more than one seed in five with a larger loss',
      left: ['quality', 'quality'],
      right: ['both', 'quality'],
      by: { share: 0.8 },
      bound: { atMost: 0.05 },
      because: 'a twentieth of the best quality there is',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
