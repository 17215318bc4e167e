import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const answers = 10;

interface Truth {
  readonly start: number[];
  readonly top: number;
  readonly rejected: number;
  readonly outsiders: readonly number[];
}

const logpsOf = ({ trial: { outcomeLogps = [] } }: Run<Truth>): readonly number[] => outcomeLogps;
const probability = (run: Run<Truth>, y: number): number => Math.exp(logpsOf(run)[y] ?? Number.NaN);

export const study = defineStudy<Truth>()({
  id: 'often-squeezing',
  finding: 'A loser pushed alone feeds the likeliest answer',
  mechanism:
    'Pushing one logit down frees probability, and the push itself lifts each other logit in proportion to its own probability: the likeliest gains most. With free logits, a preferred token beside it cancels that second part.',
  setup:
    'One prompt, ten answers with random logits. The least likely one is pushed down for forty steps at rate 0.2, alone, or as the rejected token of DPO with β = 1, whose chosen one is neither it nor the likeliest.',
  leavesOut: 'One token and free logits. In a model that shares parameters the cancellation need not be exact.',
  tex: String.raw`-\nabla_z\log\pi_l=\pi-e_l,\quad-\nabla_z\log\frac{\pi_l}{\pi_w}=e_w-e_l`,
  provenance: 'our reading',
  parameters: {
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.02, max: 1, default: 0.2 },
    steps: { label: 'Steps', symbol: 't', path: 'optimizer.steps', min: 1, max: 200, default: 40, integer: true },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const logits = draws.normals(answers);
    const order = logits.map((_, y) => y).toSorted((a, b) => (logits[a] ?? 0) - (logits[b] ?? 0));
    const [rejected = 0, ...others] = order;
    const top = others.at(-1) ?? 1;
    const chosen = others[draws.below(answers - 2)] ?? 0;
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [logits] },
        pairs: [{ prompt: 0, chosen, rejected }],
        objective: { expression: 'logp_l' },
        optimizer: { kind: 'sgd', learningRate: 0.2, steps: 40 },
      },
      truth: { start: Array.from(logSoftmax(logits)), top, rejected, outsiders: others.filter((y) => y !== chosen) },
    };
  },
  arms: {
    alone: { label: 'Pushed down alone', train: ({ experiment }) => experiment },
    dpo: {
      label: 'As the rejected one of DPO',
      train: ({ experiment }) => ({ ...experiment, objective: { name: 'dpo', params: { beta: 1 } } }),
    },
  },
  measures: {
    top: {
      label: 'gain of the likeliest answer',
      of: (run) => probability(run, run.truth.top) - Math.exp(run.truth.start[run.truth.top] ?? 0),
    },
    piTop: { label: 'the likeliest answer', side: 'gainer', of: (run) => probability(run, run.truth.top) },
    piRejected: { label: 'the one pushed down', side: 'rejected', of: (run) => probability(run, run.truth.rejected) },
    piOthers: {
      label: 'all eight others',
      of: (run) => 1 - probability(run, run.truth.top) - probability(run, run.truth.rejected),
    },
    apart: {
      label: 'largest change of a log-ratio among answers outside the pair',
      unit: 'nats',
      of: (run) => {
        const changes = run.truth.outsiders.map((y) => (logpsOf(run)[y] ?? Number.NaN) - (run.truth.start[y] ?? 0));
        return Math.max(...changes) - Math.min(...changes);
      },
    },
  },
  plot: { kind: 'strip', y: 'top' },
  claims: [
    {
      id: 'top-gains',
      statement:
        'Pushed down alone for forty steps, the least likely of ten answers leaves the likeliest with at least thirty points more, on average.',
      where: 'the squeezing effect (arXiv:2407.10490)',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['alone', 'top'],
      by: 'mean',
      bound: { atLeast: 0.3 },
      because: 'far more than the rejected answer had to give: mostly one or two points',
      expected: 'holds',
    },
    {
      id: 'dpo-cancels',
      statement: 'With free logits, DPO on one pair of tokens leaves all ratios among the other answers as they were.',
      where: 'the gradient in the logits',
      kind: 'identity',
      refutedBy: 'a change beyond rounding in one seed',
      left: ['dpo', 'apart'],
      by: 'each',
      bound: { atMost: 1e-5 },
      because: 'a proof; forty steps of 32-bit logits below 4 are off by at most 40 · 4 · 2⁻²⁴',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 4 },
});
