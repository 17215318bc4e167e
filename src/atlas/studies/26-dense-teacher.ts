import type { Experiment, FeaturesPolicy, Group, Pair } from '../../core/experiment.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { reward } from '../measures.ts';
import { defineStudy, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [contexts, actions, dimensions, rank] = [40, 20, 6, 4];

interface Truth {
  /** [context][action] true rewards, and the advantage β log(π_teacher / π_ref) as the teacher has it */
  readonly rewards: number[][];
  readonly advantages: number[][];
}

/** All actions of each context with what the teacher says of them, as groups: sums over a group are exact expectations. */
const dense = ({ experiment }: World<Truth>, expression: string, signal: readonly (readonly number[])[]): Experiment => ({
  ...experiment,
  pairs: [],
  groups: signal.map((row, prompt): Group => ({ prompt, responses: [...row.keys()], rewards: [...row] })),
  objective: { expression },
});

export const study = defineStudy<Truth>()({
  id: '26-dense-teacher',
  finding: 'A teacher’s advantages teach more than sampled pairs',
  mechanism:
    'A teacher tuned on preferences has, in its log-ratio to its own start, an advantage for every next token. A student that maximises it on its own distribution goes for the best tokens that it can express, and needs no sampled pairs.',
  setup:
    'Forty contexts with twenty next tokens, a student that sees each context by six features; a teacher that is the regularised optimum but for noise; 240 pairs of the student’s samples for DPO; 80 updates for each.',
  leavesOut:
    'The released loss can have further terms, for demonstrations, for the teacher’s distribution and for staying near the reference, and its contexts are in answers that the student gave before this training. Without such terms the student here ends almost certain of one token in most contexts. It is not for want of pairs that DPO is behind: on 4000 it earns about as much as imitation does.',
  tex: '-\\mathbb E_{s}\\sum_v\\pi_\\theta(v\\mid s)\\,A(v\\mid s),\\qquad A=\\beta\\log\\frac{\\pi_{\\mathrm{DPO}}}{\\pi_{\\mathrm{ref}}}',
  parameters: {
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.5 },
    noise: { label: 'Noise of the teacher’s advantages', symbol: '\\sigma', min: 0, max: 5, default: 0.5 },
    pairs: { label: 'Pairs for DPO', symbol: 'n', min: 40, max: 4000, default: 240, integer: true },
  },
  toy: (seed, { beta, noise, pairs: count }) => {
    const draws = new Draws(seed);
    const [left, right] = [draws.normalRows(contexts, rank), draws.normalRows(actions, rank, 0.7)];
    const rewards = left.map((row) => right.map((column) => dot(row, column)));
    const policy: FeaturesPolicy = {
      kind: 'features',
      hidden: draws.normalRows(contexts, dimensions),
      unembedding: draws.normalRows(actions, dimensions, 0.2),
      train: 'unembedding',
    };
    const pairs = Array.from({ length: count }, (_, i): Pair => {
      const prompt = i % contexts;
      const [a, b] = draws.two(
        actions,
        policy.unembedding.map((row) => dot(row, policy.hidden[prompt] ?? [])),
      );
      return draws.prefers((rewards[prompt]?.[a] ?? 0) - (rewards[prompt]?.[b] ?? 0))
        ? { prompt, chosen: a, rejected: b }
        : { prompt, chosen: b, rejected: a };
    });
    return {
      experiment: {
        policy,
        pairs,
        objective: { name: 'dpo', params: { beta } },
        optimizer: { kind: 'adam', learningRate: 0.08, steps: 80 },
      },
      truth: { rewards, advantages: rewards.map((row) => row.map((value) => value + noise * draws.normal())) },
    };
  },
  arms: {
    dpo: { label: 'DPO on pairs', train: ({ experiment }) => experiment },
    imitation: {
      label: 'Imitating the teacher',
      // the teacher's start is uniform here: log π_teacher is A / β up to the normaliser
      train: (world) =>
        dense(
          world,
          '-exp(reward_i) * logp_i',
          world.truth.advantages.map((row) => logSoftmax(row.map((value) => value / (world.values['beta'] ?? 1)))),
        ),
    },
    advantage: {
      label: 'The teacher’s advantages',
      train: (world) => dense(world, '-exp(logp_i) * reward_i', world.truth.advantages),
    },
  },
  measures: {
    reward: { label: 'true reward', of: reward },
    entropy: { label: 'entropy', unit: 'nats', of: 'entropy' },
  },
  plot: { kind: 'scatter', x: 'entropy', y: 'reward' },
  claims: [
    {
      id: 'over-pairs',
      statement: 'Maximising the teacher’s advantages gives the student, in most seeds, at least 0.5 more reward than DPO on 240 pairs.',
      where: 'advantage-guided distillation against DPO of the student',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a fifth of the seeds',
      left: ['advantage', 'reward'],
      right: ['dpo', 'reward'],
      by: { share: 0.8 },
      bound: { atLeast: 0.5 },
      because: 'more than a third of the deviation of the true rewards, √4 · 0.7 = 1.4',
      expected: 'holds',
    },
    {
      id: 'over-imitation',
      statement:
        'Maximising the teacher’s advantages gives the student, in most seeds, at least 0.5 more reward than imitating the teacher’s distribution.',
      where: 'advantage-guided distillation against plain distillation',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a fifth of the seeds',
      left: ['advantage', 'reward'],
      right: ['imitation', 'reward'],
      by: { share: 0.8 },
      bound: { atLeast: 0.5 },
      because: 'more than a third of the deviation of the true rewards, √4 · 0.7 = 1.4',
      expected: 'holds',
    },
    {
      id: 'stays-open',
      statement: 'By advantages alone the student keeps, in four seeds of five, at least half of the entropy that it could have, 1.5 nats.',
      where: 'what the other terms of the loss are for',
      kind: 'toy',
      refutedBy: 'surely fewer than four seeds in five with that much',
      left: ['advantage', 'entropy'],
      by: { share: 0.8 },
      bound: { atLeast: 1.5 },
      because: 'half of log 20, the entropy of a student that prefers nothing',
      expected: 'does not hold',
      instead: 'The student ends almost certain of one token in most contexts.',
    },
  ],
  seeds: { page: 16, test: 4 },
});
