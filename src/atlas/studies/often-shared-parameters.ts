import type { Experiment } from '../../core/experiment.ts';
import { defineStudy, type Run, type Task } from '../study.ts';

const size = 40;
const dpo = (beta = 0.3): Experiment['objective'] => ({ name: 'dpo', params: { beta } });

/** Five steps on the preferred token 0 against each other one. */
const against = (policy: Experiment['policy'], beta = 0.3): Task[] =>
  Array.from({ length: size - 1 }, (_, z) => ({
    policy,
    pairs: [{ prompt: 0, chosen: 0, rejected: z + 1 }],
    objective: dpo(beta),
    optimizer: { kind: 'sgd', learningRate: 2, steps: 5 },
  }));

const smallest = ({ trials }: Run<null>): number => {
  const changes = trials.map(({ measures }) => measures['chosenLogpChange'] ?? Number.NaN);
  return Math.min(...changes);
};

export const study = defineStudy<null>()({
  id: 'often-shared-parameters',
  finding: 'Two pairs can displace even with free logits',
  mechanism:
    'With free logits, DPO on one pair of tokens does not lower the preferred one. Two pairs that meet in an answer can: what one prefers the other rejects.',
  setup:
    'A table of 40 logits from N(0, 1.5²), and an unembedding of 40 rows from N(0, 1.5²) behind a frozen hidden vector; DPO on one pair, against each of 39 rejected tokens, five steps of 2. And three answers with free logits from N(0, 0.1²), DPO with β = 0.1 on A over B and B over C, 100 steps of 1.',
  leavesOut: 'Answers are single tokens, and there is one prompt.',
  tex: String.raw`\tfrac{d}{dt}\ln\pi(y^{+})=-\ell'\,(1-\pi_{+}+\pi_{-})\,\|h\|^{2}>0`,
  provenance: 'our reading',
  parameters: {
    beta: { label: 'Temperature of DPO on one pair', symbol: '\\beta', min: 0.02, max: 1, default: 0.3 },
  },
  toy: () => ({
    experiment: {
      policy: { kind: 'tabular', logits: [[0, 0, 0]], noise: 0.1 },
      pairs: [
        { prompt: 0, chosen: 0, rejected: 1 },
        { prompt: 0, chosen: 1, rejected: 2 },
      ],
      objective: dpo(0.1),
      optimizer: { kind: 'sgd', learningRate: 1, steps: 100 },
    },
    truth: null,
  }),
  arms: {
    table: {
      label: 'One pair, free logits',
      train: ({ values: { beta } }) => against({ kind: 'tabular', logits: [new Array<number>(size).fill(0)], noise: 1.5 }, beta),
    },
    unembedding: {
      label: 'One pair, frozen hidden vector',
      train: ({ values: { beta } }) =>
        against(
          {
            kind: 'features',
            hidden: [[0.8, -0.5, 0.3]],
            unembedding: Array.from({ length: size }, () => [0, 0, 0]),
            train: 'unembedding',
            noise: 1.5,
          },
          beta,
        ),
    },
    two: { label: 'Two pairs, free logits', train: ({ experiment }) => experiment },
  },
  measures: {
    smallest: { label: 'smallest change of ln π(y⁺) over the rejected tokens', unit: 'nats', arms: ['table', 'unembedding'], of: smallest },
    mean: { label: 'mean change of ln π of the preferred answers', unit: 'nats', of: 'chosenLogpChange' },
    loss: { label: 'loss', of: 'loss' },
  },
  plot: { kind: 'strip', y: 'mean' },
  claims: [
    {
      id: 'no-sharing',
      statement:
        'With free logits, or with the hidden vector frozen, DPO on a single pair of tokens never lowers the preferred one. Two pairs can: see below.',
      where: 'arXiv:2410.08847, section 4, without trained hidden vectors',
      kind: 'identity',
      refutedBy: 'a preferred token that falls in one run',
      left: ['table', 'smallest'],
      and: [{ left: ['unembedding', 'smallest'] }],
      by: 'each',
      bound: { atLeast: 1e-4 },
      because: 'above 0 by more than float32 rounds a log-probability below 16',
      expected: 'holds',
    },
    {
      id: 'two-pairs',
      statement:
        'Trained on A over B and on B over C from nearly equal odds, free logits mostly lower the mean log-probability of the preferred answers, while the loss falls.',
      where: 'arXiv:2410.08847, section 4, without trained hidden vectors, with two pairs',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which it falls',
      tex: String.raw`\mathcal L(\theta_{100})<\mathcal L(\theta_0),\quad\tfrac12\big[\Delta\ln\pi(A)+\Delta\ln\pi(B)\big]<0`,
      left: ['two', 'mean'],
      by: { share: 0.9 },
      bound: { atMost: -0.01 },
      because: 'below 0 by more than float32 loses in 100 steps',
      expected: 'holds',
    },
  ],
  // about one start in a hundred ends the other way: so many seeds show 0.9 with up to four of those
  seeds: { page: 89, test: 2 },
});
