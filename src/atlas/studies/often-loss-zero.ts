import { logSoftmax } from '../../core/softmax.ts';
import { massOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [answers, right, groups] = [8, 3, 8];

interface Truth {
  readonly logits: number[];
}
const rightOnes = Array.from({ length: right }, (_, y) => y);
const gain = ({ truth, trial: { outcomeLogps = [] } }: Run<Truth>): number =>
  massOf(outcomeLogps, rightOnes) - massOf(logSoftmax(truth.logits), rightOnes);

export const study = defineStudy<Truth>()({
  id: 'often-loss-zero',
  finding: 'A loss of zero can have a gradient',
  mechanism:
    'On fresh samples every ratio is 1, so GRPO’s loss is minus the mean of the advantages, and those of a group add up to 0. Its gradient weighs each answer’s own score, and these do not cancel.',
  setup:
    'One prompt, eight answers of which three are right, random logits; eight groups are drawn from the policy itself, and one update is made, at rate 1 and without a KL term.',
  leavesOut: 'One update, answers of one token. With a KL term, or on samples that are used again, the loss leaves zero.',
  tex: String.raw`\mathcal L=-\frac{1}{K}\sum_i\frac{\pi(y_i)}{\pi_{\mathrm{prev}}(y_i)}\hat A_i=-\overline{\hat A}=0,\quad\nabla\mathcal L=-\frac{1}{K}\sum_i\hat A_i\nabla\log\pi(y_i)`,
  provenance: 'our reading',
  parameters: {
    n: { label: 'Answers in a group', symbol: 'K', min: 2, max: 32, default: 8, integer: true },
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.05, max: 2, default: 1 },
  },
  toy: (seed, { n }) => {
    const draws = new Draws(seed);
    const logits = draws.normals(answers);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [logits] },
        pairs: [],
        groups: Array.from({ length: groups }, () => {
          const responses = Array.from({ length: n }, () => draws.fromLogits(logits));
          return { prompt: 0, responses, rewards: responses.map((y) => (y < right ? 1 : 0)) };
        }),
        objective: { name: 'grpo' },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
      },
      truth: { logits },
    };
  },
  arms: { grpo: { label: 'GRPO, one update', train: ({ experiment }) => experiment } },
  record: [0],
  measures: {
    loss: { label: 'size of the loss before the update', of: ({ trial }) => Math.abs(trial.steps?.[0]?.loss ?? Number.NaN) },
    gain: { label: 'gain of the right answers together', of: gain },
  },
  plot: { kind: 'strip', y: 'gain' },
  claims: [
    {
      id: 'loss-is-zero',
      statement: 'On fresh samples, without a KL term, GRPO’s loss is 0 whatever the rewards are.',
      where: 'the definition of the advantages',
      kind: 'identity',
      refutedBy: 'a loss beyond rounding in one seed',
      left: ['grpo', 'loss'],
      by: 'each',
      bound: { atMost: 1e-5 },
      because:
        'a proof; 32 additions of partial sums of at most 16 in 32-bit numbers are off by less than 32 · 16 · 2⁻²⁴ = 3.1e-5, a thirty-second of it in the mean',
      expected: 'holds',
    },
    {
      id: 'still-learns',
      statement: 'That one update, with a loss of 0, raises the probability of the right answers by at least five points on average.',
      where: 'a step on a loss of 0',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['grpo', 'gain'],
      by: 'mean',
      bound: { atLeast: 0.05 },
      because: 'five points: what the page calls a rise',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 4 },
});
