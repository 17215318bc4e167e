import { klDivergence } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [answers, rate] = [6, 1];

interface Truth {
  readonly reference: number[];
}

const estimators = {
  k1: 'logp_w - ref_w',
  k2: '0.5 * square(logp_w - ref_w)',
  k3: 'exp(ref_w - logp_w) - 1 + logp_w - ref_w',
} as const;

/** Away from the reference: a few steps towards one answer. */
const away: Stage<Truth> = ({ experiment }) => experiment;

/** One step on an estimator in the loss, in expectation over all answers: each once, weighed by its probability, which is held fixed. */
const descend =
  (expression: string): Stage<Truth> =>
  ({ experiment }, [moved]) => {
    const weights = (moved?.outcomeLogps ?? []).map(Math.exp);
    const pairs = weights.map((p, y): Pair => ({ prompt: 0, chosen: y, rejected: (y + 1) % answers, weight: answers * p }));
    return {
      ...(experiment as Experiment),
      stages: [
        {
          pairs,
          objective: { expression },
          optimizer: { kind: 'sgd', learningRate: rate, steps: 1 },
          reference: 'run start',
        },
      ],
    };
  };

/** What one step took off the logits, over the rate: the gradient. */
const gradientOf = ({ trial, before }: Run<Truth>): number[] => {
  const [from, to] = [before[0]?.final['logits'] ?? [], trial.final['logits'] ?? []];
  return Array.from(from, (value, y) => (value - (to[y] ?? Number.NaN)) / rate);
};
const worst = (run: Run<Truth>, of: (policy: readonly number[], reference: readonly number[]) => readonly number[]): number => {
  const exact = of(run.before[0]?.outcomeLogps ?? [], logSoftmax(run.truth.reference));
  return Math.max(...gradientOf(run).map((value, y) => Math.abs(value - (exact[y] ?? Number.NaN))));
};
const reverse = (policy: readonly number[], reference: readonly number[]): number[] => {
  const kl = klDivergence(policy, reference);
  return policy.map((logp, y) => Math.exp(logp) * (logp - (reference[y] ?? Number.NaN) - kl));
};
const forward = (policy: readonly number[], reference: readonly number[]): number[] =>
  policy.map((logp, y) => Math.exp(logp) - Math.exp(reference[y] ?? Number.NaN));

const arm = (label: string, estimator: keyof typeof estimators) => ({ label, train: away, next: [descend(estimators[estimator])] });
const identity = (id: string, statement: string, name: keyof typeof estimators, measure: 'size' | 'toReverse' | 'toForward') =>
  ({
    id,
    statement,
    where: 'the gradient in expectation over samples',
    kind: 'identity',
    refutedBy: 'an entry beyond rounding in one seed',
    left: [name, measure],
    by: 'each',
    bound: { atMost: 1e-5 },
    because: 'a proof; log-ratios below 8 in 32-bit numbers are off by at most 8 · 2⁻²⁴, and six of them are summed',
    expected: 'holds',
  }) as const;

export const study = defineStudy<Truth>()({
  id: 'often-which-kl',
  finding: 'Three estimators of a KL, three gradients',
  mechanism:
    'k1, k2 and k3 all estimate a KL to the reference from samples of the policy. Put into the loss and differentiated there, with the samples held fixed, they push in different directions.',
  setup:
    'Six answers, random logits as the reference; the policy has moved away from it by twelve steps of maximum likelihood. Then one step on k1, k2 or k3 alone, in expectation over all six answers.',
  leavesOut: 'One token, the expectation in place of samples, and no reward beside it.',
  tex: String.raw`\mathbb E\nabla k_1=0,\quad\mathbb E\nabla k_2=\nabla\mathrm{KL}(\pi\|\pi_{\mathrm{ref}}),\quad\mathbb E\nabla k_3=\nabla\mathrm{KL}(\pi_{\mathrm{ref}}\|\pi)`,
  provenance: 'our reading',
  parameters: {
    steps: { label: 'Steps away from the reference', symbol: 't', path: 'optimizer.steps', min: 1, max: 60, default: 12, integer: true },
  },
  toy: (seed) => {
    const reference = new Draws(seed).normals(answers);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [reference] },
        pairs: [{ prompt: 0, chosen: seed % answers, rejected: (seed + 1) % answers }],
        objective: { name: 'sft' },
        optimizer: { kind: 'sgd', learningRate: 0.2, steps: 12 },
      },
      truth: { reference },
    };
  },
  arms: { k1: arm('k1, the log-ratio', 'k1'), k2: arm('k2, half its square', 'k2'), k3: arm('k3', 'k3') },
  measures: {
    size: { label: 'largest entry of the gradient', of: (run) => Math.max(...gradientOf(run).map(Math.abs)) },
    toReverse: { label: 'largest difference from ∇KL(π‖π_ref)', of: (run) => worst(run, reverse) },
    toForward: { label: 'largest difference from ∇KL(π_ref‖π)', of: (run) => worst(run, forward) },
  },
  plot: { kind: 'scatter', x: 'toReverse', y: 'toForward' },
  claims: [
    identity('k1-pushes-nothing', 'Differentiated in the loss, k1 pushes nothing on average: its expected gradient is 0.', 'k1', 'size'),
    identity('k2-is-reverse', 'Differentiated in the loss, k2 has on average the gradient of KL(π‖π_ref).', 'k2', 'toReverse'),
    identity(
      'k3-is-forward',
      'Differentiated in the loss, k3 has on average the gradient of KL(π_ref‖π), the other direction.',
      'k3',
      'toForward',
    ),
  ],
  seeds: { page: 12, test: 3 },
});
