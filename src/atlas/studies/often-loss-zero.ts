import { massOf } from '../measures.ts';
import { defineStudy, type Outcome, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [answers, right, groups] = [8, 3, 8];

interface Truth {
  readonly logits: number[];
}
const rightOnes = Array.from({ length: right }, (_, y) => y);
const rewards = Array.from({ length: answers }, (_, y) => (y < right ? 1 : 0));
const logpsBefore = ({ before }: Run<Truth>): readonly number[] => before[0]?.outcomeLogps ?? [];
const logitsOf = (outcome: Outcome | undefined): number[] => Array.from(outcome?.final['logits'] ?? []);
const gain = (run: Run<Truth>): number => massOf(run.trial.outcomeLogps ?? [], rightOnes) - massOf(logpsBefore(run), rightOnes);
/** Length of the gradient: what the update took off the logits, over the rate. */
const slope = ({ before, trial, values: { rate = 1 } }: Run<Truth>): number => {
  const from = logitsOf(before[0]);
  return Math.hypot(...logitsOf(trial).map((value, y) => value - (from[y] ?? Number.NaN))) / rate;
};

/** What was trained before the update that is looked at. */
const earlier: Stage<Truth> = ({ truth, experiment, values: { n = 8, earlier: rounds = 0 } }) =>
  rounds === 0
    ? { ...experiment, groups: [{ prompt: 0, responses: [0, right], rewards: [1, 0] }], optimizer: { ...experiment.optimizer, steps: 0 } }
    : {
        policy: { kind: 'tabular', logits: [truth.logits] },
        rewards: [rewards],
        method: { objective: { name: 'grpo' } },
        sampling: { groups, n, rounds, updates: 1 },
        optimizer: { kind: 'sgd', learningRate: 1 },
      };
/** One update on groups that are drawn from the policy as it is then. */
const update: Stage<Truth> = ({ experiment, seed, values: { n = 8 } }, [before]) => {
  const [logits, draws] = [logitsOf(before), new Draws(seed, 1)];
  return {
    ...experiment,
    policy: { kind: 'tabular', logits: [logits] },
    groups: Array.from({ length: groups }, () => {
      const responses = Array.from({ length: n }, () => draws.fromLogits(logits));
      return { prompt: 0, responses, rewards: responses.map((y) => rewards[y] ?? 0) };
    }),
  };
};

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
    earlier: { label: 'Updates before', symbol: 't', min: 0, max: 60, default: 0, integer: true },
    n: { label: 'Answers in a group', symbol: 'K', min: 2, max: 32, default: 8, integer: true },
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.05, max: 2, default: 1 },
  },
  toy: (seed) => {
    const logits = new Draws(seed).normals(answers);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [logits] },
        pairs: [],
        objective: { name: 'grpo' },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
      },
      truth: { logits },
    };
  },
  arms: { grpo: { label: 'GRPO, one update', train: earlier, next: [update] } },
  record: [0],
  measures: {
    loss: { label: 'size of the loss before the update', of: ({ trial }) => Math.abs(trial.steps?.[0]?.loss ?? Number.NaN) },
    slope: { label: 'length of the gradient', of: slope },
    right: { label: 'right answers before the update', side: 'chosen', of: (run) => massOf(logpsBefore(run), rightOnes) },
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
      because: 'five points of a hundred, from about 38: a rise that is seen in a log',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 4 },
});
