import { klDivergence } from '../../core/exact.ts';
import type { Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [prompts, answers] = [40, 5];

interface Truth {
  readonly start: readonly (readonly number[])[];
  readonly pairs: readonly Pair[];
}

const oddsOf = (row: readonly number[], { chosen, rejected }: Pair): number =>
  (row[Number(chosen)] ?? Number.NaN) - (row[Number(rejected)] ?? Number.NaN);
/** Mean gain in log-odds of the pairs that begin on the wrong side, less that of those on the right side. */
function favour(run: Run<Truth>): number {
  const rows = distributionsOf(run);
  const { start, pairs } = run.truth;
  const gains = pairs.map((pair, x) => {
    const before = oddsOf(start[x] ?? [], pair);
    return { before, gain: oddsOf(rows[x] ?? [], pair) - before };
  });
  const meanOf = (some: typeof gains): number => mean(some.map(({ gain }) => gain));
  return meanOf(gains.filter(({ before }) => before < 0)) - meanOf(gains.filter(({ before }) => before >= 0));
}

const without: Stage<Truth> = ({ experiment, values: { beta = 0.5 } }) => ({
  ...experiment,
  objective: { expression: '-logsigmoid(beta * (logp_w - logp_l))', params: { beta } },
});
/** The reference becomes the policy four times on the way. */
const moving: Stage<Truth> = ({ experiment }) => {
  const optimizer = { ...experiment.optimizer, steps: experiment.optimizer.steps / 5 };
  return { ...experiment, optimizer, stages: Array.from({ length: 4 }, () => ({ optimizer })) };
};

/** The log-probabilities of another model, given to the loss in place of rewards, which it does not read otherwise. */
const wrong: Stage<Truth> = ({ experiment, seed, values: { beta = 0.5 } }) => {
  const other = new Draws(seed, 1).normalRows(prompts, answers).map((row) => logSoftmax(row));
  return {
    ...experiment,
    pairs: experiment.pairs.map((pair): Pair => {
      const row = other[pair.prompt] ?? [];
      return { ...pair, rewards: [row[Number(pair.chosen)] ?? 0, row[Number(pair.rejected)] ?? 0] };
    }),
    objective: { expression: '-logsigmoid(beta * ((logp_w - reward_w) - (logp_l - reward_l)))', params: { beta } },
  };
};

export const study = defineStudy<Truth>()({
  id: 'often-reference',
  finding: 'The reference decides how far, and for whom',
  mechanism:
    'A reference is where the margin is counted from. One that follows the policy starts the count anew, and each time the force is full again; without one, pairs that are already ranked right are pushed less.',
  setup:
    'Forty prompts with five answers each, random logits, one pair a prompt; DPO with β = 0.5, a hundred steps at rate 20: with the start as the reference, with one that becomes the policy after every twenty steps, with none, and with another random model.',
  leavesOut:
    'Every prompt has logits of its own. The reference that follows is TR-DPO’s with α = 1: it becomes the policy. Below 1 the parameters of both are mixed.',
  tex: String.raw`\mathcal L=-\log\sigma\big(\beta(\log\tfrac{\pi_w}{\pi_l}-\log\tfrac{\pi_{\mathrm{ref},w}}{\pi_{\mathrm{ref},l}})\big),\quad\pi_{\mathrm{ref}}\in\{\pi_0,\ \pi_{20\lfloor t/20\rfloor},\ \text{none},\ \pi^\prime\}`,
  provenance: 'our reading',
  parameters: { beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 1, default: 0.5 } },
  toy: (seed) => {
    const draws = new Draws(seed);
    const logits = draws.normalRows(prompts, answers);
    const pairs = logits.map((_, prompt): Pair => {
      const [chosen, rejected] = draws.two(answers);
      return { prompt, chosen, rejected };
    });
    return {
      experiment: {
        policy: { kind: 'tabular', logits },
        pairs,
        objective: { name: 'dpo', params: { beta: 0.5 } },
        optimizer: { kind: 'sgd', learningRate: 20, steps: 100 },
      },
      truth: { start: logits.map((row) => Array.from(logSoftmax(row))), pairs },
    };
  },
  arms: {
    fixed: { label: 'The start', train: ({ experiment }) => experiment },
    moving: { label: 'It follows the policy', train: moving },
    none: { label: 'None', train: without },
    wrong: { label: 'Another model', train: wrong },
  },
  record: [0],
  measures: {
    first: { label: 'loss before the first update', of: ({ trial }) => trial.steps?.[0]?.loss ?? Number.NaN },
    moved: {
      label: 'KL to the start',
      unit: 'nats',
      of: (run) => mean(distributionsOf(run).map((row, x) => klDivergence(row, run.truth.start[x] ?? []))),
    },
    favour: { label: 'gain of wrongly ranked pairs less that of the others', unit: 'nats', of: favour },
  },
  plot: { kind: 'scatter', x: 'moved', y: 'favour' },
  claims: [
    {
      id: 'moving-goes-further',
      statement:
        'With a reference that becomes the policy every twenty steps, a hundred steps of DPO end further from the start, by at least 0.3 nats of KL on average.',
      where: 'TR-DPO’s update of the reference (arXiv:2404.09656)',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['moving', 'moved'],
      right: ['fixed', 'moved'],
      by: 'mean',
      bound: { atLeast: 0.3 },
      because:
        'ln 1.35: KL to the start is the mean log-ratio of the policy’s own answers, and their geometric mean ratio is then a third larger',
      expected: 'holds',
    },
    {
      id: 'none-spares-the-right',
      statement:
        'Without a reference, pairs that begin on the wrong side gain at least half a nat more than those on the right side, on average.',
      where: 'losses without a reference',
      kind: 'toy',
      refutedBy: 'a smaller mean difference',
      left: ['none', 'favour'],
      by: 'mean',
      bound: { atLeast: 0.5 },
      because: 'half a nat is a factor of 1.6 in the odds',
      expected: 'holds',
    },
    {
      id: 'wrong-begins-elsewhere',
      statement:
        'With another random model as the reference, the first loss is not ln 2 = 0.693 but above it, by at least 0.05 on average.',
      where: 'the margin counts from the reference',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['wrong', 'first'],
      by: 'mean',
      bound: { atLeast: 0.743 },
      because: 'ln 2 = 0.693, and 0.05 more: seen in the second digit of a log',
      expected: 'holds',
    },
    {
      id: 'fixed-treats-alike',
      statement:
        'With the start as the reference, pairs that begin on either side gain alike: with free logits and one pair a prompt, the gain of a pair does not depend on where it begins.',
      where: 'the margin counts from the reference',
      kind: 'identity',
      refutedBy: 'a difference beyond rounding in one seed',
      left: ['fixed', 'favour'],
      by: 'each',
      bound: { atMost: 1e-4 },
      because: 'a proof; a hundred steps of 32-bit logits below 16 are off by at most 100 · 16 · 2⁻²⁴',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
