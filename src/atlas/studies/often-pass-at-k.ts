import { mean } from '../../core/numerics.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';

const [prompts, k] = [10, 16];

interface Truth {
  /** prompts that the first strategy solves; the second solves the others */
  readonly easy: number;
}

/** Expected share of prompts that at least one of `tries` answers solves. */
const passAt = (run: Run<Truth>, tries: number): number =>
  mean(
    distributionsOf(run).map((row, x) => {
      const p = Math.exp(row[x < run.truth.easy ? 0 : 1] ?? Number.NaN);
      return 1 - (1 - p) ** tries;
    }),
  );

export const study = defineStudy<Truth>()({
  id: 'often-pass-at-k',
  finding: 'Pass@1 can rise while pass@16 falls',
  mechanism:
    'Reward goes to what works most often. Where prompts share what is trained, the strategy that solves few of them loses its probability on those as well, and sixteen tries find it less and less.',
  setup:
    'Ten prompts that the policy cannot tell apart, and two strategies: the first, tried 70 % of the time, solves eight of them, the second the other two. GRPO on fresh groups of eight, one a prompt and update, at rate 1.',
  leavesOut: 'A model can tell prompts apart to some degree; here it cannot at all, so nothing shields the prompts of the second strategy.',
  tex: String.raw`\mathrm{pass@}k=\mathbb E_x\big[1-(1-p_x)^k\big]`,
  provenance: 'our reading',
  parameters: {
    easy: { label: 'Prompts that the first strategy solves', symbol: 'm', min: 5, max: 9, default: 8, integer: true },
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.05, max: 2, default: 1 },
  },
  toy: (_, { easy }) => ({
    experiment: {
      policy: {
        kind: 'features',
        hidden: Array.from({ length: prompts }, () => [1]),
        unembedding: [[Math.log(0.7)], [Math.log(0.3)]],
        train: 'unembedding',
      },
      pairs: [],
      objective: { name: 'sft' },
      optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
    },
    truth: { easy },
  }),
  arms: {
    grpo: {
      label: 'GRPO',
      train: ({ experiment, truth }) => ({
        policy: experiment.policy,
        rewards: Array.from({ length: prompts }, (_, x) => (x < truth.easy ? [1, 0] : [0, 1])),
        method: { objective: { name: 'grpo' } },
        sampling: { groups: 1, n: 8, rounds: 30, updates: 1 },
        optimizer: { kind: 'sgd', learningRate: 1 },
      }),
    },
  },
  measures: {
    one: { label: 'pass@1', side: 'chosen', of: (run) => passAt(run, 1) },
    sixteen: { label: 'pass@16', side: 'rejected', of: (run) => passAt(run, k) },
  },
  plot: { kind: 'lines', y: ['one', 'sixteen'], updates: [0, 4, 10, 18, 30] },
  claims: [
    {
      id: 'one-rises',
      statement: 'After 30 updates pass@1 is at least 0.74 on average; it began at 0.62.',
      where: 'what is trained for',
      kind: 'toy',
      refutedBy: 'a smaller mean',
      left: ['grpo', 'one'],
      by: 'mean',
      bound: { atLeast: 0.74 },
      because: 'two thirds of the way to 0.8, which the first strategy alone gives',
      expected: 'holds',
    },
    {
      id: 'sixteen-falls',
      statement: 'After 30 updates pass@16 is at most 0.9 on average; it began above 0.99.',
      where: 'arXiv:2504.13837, pass@k at large k',
      kind: 'toy',
      refutedBy: 'a larger mean',
      left: ['grpo', 'sixteen'],
      by: 'mean',
      bound: { atMost: 0.9 },
      because: 'half of the way to 0.8, where the second strategy is gone',
      expected: 'holds',
    },
  ],
  seeds: { page: 8, test: 3 },
});
