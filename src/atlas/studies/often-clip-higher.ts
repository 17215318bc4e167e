import { entropy, expectedReward } from '../../core/exact.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [answers, right] = [20, 6];

interface Truth {
  readonly logits: number[];
  readonly rewards: number[];
}

const dapo =
  (epsilonHigh: (given: number) => number): Stage<Truth> =>
  ({ truth, values: { high = 0.28 } }) => ({
    policy: { kind: 'tabular', logits: [truth.logits] },
    rewards: [truth.rewards],
    method: { objective: { name: 'dapo', params: { epsilon: 0.2, epsilonHigh: epsilonHigh(high) } } },
    sampling: { groups: 8, n: 8, rounds: 10, updates: 8 },
    optimizer: { kind: 'sgd', learningRate: 1 },
  });
const logpsOf = ({ trial: { outcomeLogps = [] } }: Run<Truth>): readonly number[] => outcomeLogps;

export const study = defineStudy<Truth>()({
  id: 'often-clip-higher',
  finding: 'A wider clip hurries; here entropy falls sooner',
  mechanism:
    'Where samples are used again, the clip stops a ratio at 1 + ε. An unlikely answer reaches that after a small gain of probability, a likely one only after a large one; a higher upper bound lets the unlikely rise further.',
  setup:
    'Twenty answers with random logits, six of them right; each round draws 8 groups of 8 and makes 8 updates on them at rate 1, ten rounds. DAPO with ε = 0.2 on both sides, or with a higher one above.',
  leavesOut: 'One token, one prompt, no KL. DAPO’s paper trains a large model on long answers.',
  tex: String.raw`\min\!\big(\rho\hat A,\ \mathrm{clip}(\rho,1-\varepsilon,1+\varepsilon_{\mathrm{high}})\hat A\big)`,
  provenance: 'our reading',
  parameters: {
    high: { label: 'Upper clip', symbol: '\\varepsilon_{\\mathrm{high}}', min: 0.2, max: 1, default: 0.28 },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const logits = draws.normals(answers, 1.5);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [logits] },
        pairs: [],
        objective: { name: 'sft' },
        optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
      },
      truth: { logits, rewards: Array.from({ length: answers }, (_, y) => (y < right ? 1 : 0)) },
    };
  },
  arms: {
    same: { label: 'Upper clip 0.2', train: dapo(() => 0.2) },
    higher: { label: 'Upper clip as set', train: dapo((high) => high) },
    wide: { label: 'Upper clip 0.5', train: dapo(() => 0.5) },
  },
  measures: {
    entropy: { label: 'entropy at the end', unit: 'nats', of: (run) => entropy(logpsOf(run)) },
    reward: { label: 'right answers at the end', of: (run) => expectedReward(logpsOf(run), run.truth.rewards) },
  },
  plot: { kind: 'scatter', x: 'reward', y: 'entropy' },
  claims: [
    {
      id: 'higher-keeps-entropy',
      statement: 'With an upper clip of 0.28 in place of 0.2, the entropy after 80 updates is higher on average.',
      where: 'arXiv:2503.14476, clip-higher',
      kind: 'empirical',
      refutedBy: 'a mean gap that is not above 0',
      left: ['higher', 'entropy'],
      right: ['same', 'entropy'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'In this toy it is lower. Right answers take the mass of wrong ones sooner: the run with the wider clip is further on, and has less entropy left.',
    },
    {
      id: 'higher-is-sooner',
      statement: 'With an upper clip of 0.5 in place of 0.2, more of the probability is on right answers after 80 updates, on average.',
      where: 'what a wider clip does here',
      kind: 'toy',
      refutedBy: 'a mean gap that is not above 0',
      left: ['wide', 'reward'],
      right: ['same', 'reward'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 24, test: 4 },
});
