import { closedFormOptimum } from '../../core/exact.ts';
import type { Pair } from '../../core/experiment.ts';
import { sigmoid } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { klToOptimum } from '../measures.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const responses = 20;
const [soft, hard] = [{ name: 'soft_label_dpo' }, { name: 'dpo' }];

interface Truth {
  readonly optimum: number[][];
  /** the same pairs with strengths that are off by noise */
  readonly noisy: Pair[];
}

export const study = defineStudy<Truth>()({
  id: '44-strengths',
  finding: 'Strengths settle where hard labels can run away',
  mechanism:
    'Cross-entropy to the true strength of each preference has its minimum at the regularised optimum, for answers that are compared. A hard label that no other contradicts asks for more, without end.',
  setup:
    'Twenty answers with N(0, 1) rewards; 120 comparisons of the reference’s answers at β = 0.5, with their strengths, exact or off by noise.',
  headline: 'A win rate of 95 % against the base model, with 200 prompts.',
  leavesOut:
    'The pairs are the reference’s and stay; the paper’s are the policy’s own, which it judges itself as it is trained. The strengths are the judge’s own probabilities. How the paper’s model derives them from rankings was not seen.',
  tex: '-p\\log\\sigma(m)-(1-p)\\log\\sigma(-m)',
  parameters: {
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 2, default: 0.5 },
    noise: { label: 'Noise of the strengths, in log-odds', symbol: '\\sigma', min: 0, max: 3, default: 0.7 },
    pairs: { label: 'Comparisons', symbol: 'n', min: 20, max: 1000, default: 120, integer: true },
    steps: { label: 'Updates', symbol: 't', path: 'optimizer.steps', min: 10, max: 2000, default: 200, integer: true },
  },
  toy: (seed, { beta, noise, pairs, steps }) => {
    const draws = new Draws(seed);
    const [rewards, logits] = [draws.normals(responses), draws.normals(responses)];
    const compared = Array.from({ length: pairs }, (): Pair => {
      const [a, b] = draws.two(responses, logits);
      const gap = (rewards[a] ?? 0) - (rewards[b] ?? 0);
      return draws.prefers(gap)
        ? { prompt: 0, chosen: a, rejected: b, label: sigmoid(gap) }
        : { prompt: 0, chosen: b, rejected: a, label: sigmoid(-gap) };
    });
    const noisy = compared.map((pair) => ({
      ...pair,
      label: sigmoid(Math.log((pair.label ?? 0.5) / (1 - (pair.label ?? 0.5))) + noise * draws.normal()),
    }));
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [logits] },
        pairs: compared,
        objective: { ...hard, params: { beta } },
        optimizer: { kind: 'adam', learningRate: 0.1, steps },
      },
      truth: { optimum: [Array.from(closedFormOptimum(logSoftmax(logits), rewards, beta))], noisy },
    };
  },
  arms: {
    hard: { label: 'Hard labels (DPO)', train: ({ experiment }) => experiment },
    soft: {
      label: 'Strengths',
      train: ({ experiment, values: { beta = 1 } }) => ({ ...experiment, objective: { ...soft, params: { beta } } }),
    },
    noisy: {
      label: 'Noisy strengths',
      train: ({ experiment, truth, values: { beta = 1 } }) => ({
        ...experiment,
        pairs: truth.noisy,
        objective: { ...soft, params: { beta } },
      }),
    },
  },
  measures: { kl: { label: 'KL to the regularised optimum', unit: 'nats', of: klToOptimum } },
  plot: { kind: 'lines', y: 'kl', updates: [0, 10, 20, 50, 100, 200] },
  claims: [
    {
      id: 'recovers',
      statement:
        'With exact strengths the policy ends, in most seeds, nearer to the regularised optimum than with hard labels, by at least 0.1 nats.',
      where: 'soft preferences',
      kind: 'empirical',
      refutedBy: 'more than one seed in five with a gap below 0.1 nats',
      left: ['hard', 'kl'],
      right: ['soft', 'kl'],
      by: { share: 0.8 },
      bound: { atLeast: 0.1 },
      because: 'about five times the 0.02 nats that answers which no comparison shows leave on average',
      expected: 'holds',
    },
    {
      id: 'even-noisy',
      statement:
        'With strengths whose log-odds are off by 0.7 the policy still ends, in most seeds, nearer to the regularised optimum than with hard labels.',
      where: 'self-judged preferences',
      kind: 'toy',
      refutedBy: 'more than one seed in five in which hard labels end nearer',
      left: ['hard', 'kl'],
      right: ['noisy', 'kl'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 4 },
});
