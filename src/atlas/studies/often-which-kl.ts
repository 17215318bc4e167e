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

/** The same with steps five times as long. */
const further: Stage<Truth> = ({ experiment }) => ({
  ...experiment,
  optimizer: { ...experiment.optimizer, learningRate: 5 * experiment.optimizer.learningRate },
});

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

/** Value and derivative of each estimator at a log-ratio of policy and reference. */
const forms = {
  k1: { value: (u: number) => u, slope: () => 1 },
  k2: { value: (u: number) => u * u * 0.5, slope: (u: number) => u },
  k3: { value: (u: number) => Math.expm1(-u) + u, slope: (u: number) => -Math.expm1(-u) },
} as const;
/** Mean and deviation of one sample's estimate, and how far one sample's gradient is from the mean gradient, as a root mean square. */
function oneSample({ before, truth }: Run<Truth>, name: keyof typeof forms): { mean: number; spread: number; noise: number } {
  const policy = before[0]?.outcomeLogps ?? [];
  const reference = logSoftmax(truth.reference);
  const p = policy.map(Math.exp);
  const ratios = policy.map((logp, y) => logp - (reference[y] ?? Number.NaN));
  const meanOf = (values: readonly number[]): number => values.reduce((sum, value, y) => sum + value * (p[y] ?? 0), 0);
  const values = ratios.map(forms[name].value);
  const slopes = ratios.map(forms[name].slope);
  const mean = meanOf(values);
  // the score of a sample is e_y - p, of squared length 1 - 2 p_y + |p|^2
  const normSq = p.reduce((sum, each) => sum + each * each, 0);
  const expected = p.map((each, y) => each * ((slopes[y] ?? 0) - meanOf(slopes)));
  const second = meanOf(slopes.map((slope, y) => slope * slope * (1 - 2 * (p[y] ?? 0) + normSq)));
  return {
    mean,
    spread: Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))),
    noise: Math.sqrt(Math.max(0, second - expected.reduce((sum, each) => sum + each * each, 0))),
  };
}
const nameOf = ({ trained }: Run<Truth>): keyof typeof forms => {
  const { objective } = ((trained as Experiment).stages?.[0] ?? {}) as { objective?: { expression?: string } };
  return (Object.keys(estimators) as (keyof typeof forms)[]).find((name) => estimators[name] === objective?.expression) ?? 'k1';
};

const arm = (label: string, estimator: keyof typeof estimators, train = away) => ({ label, train, next: [descend(estimators[estimator])] });
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

/** Those whose one step begins where they stand: the others are looked at, and not trained on. */
const near = ['k1', 'k2', 'k3'] as const;

export const study = defineStudy<Truth>()({
  id: 'often-which-kl',
  finding: 'Three estimators of a KL, three gradients',
  mechanism:
    'k1, k2 and k3 all estimate a KL to the reference from samples of the policy. Put into the loss and differentiated there, with the samples held fixed, they push differently: k1 on average not at all.',
  setup:
    'Six answers, random logits as the reference; the policy has moved away from it by twelve steps of maximum likelihood. Then one step on one of them alone, in expectation over all six answers: k1 is log(π/π_ref), k2 half its square, k3 is π_ref/π - 1 + k1.',
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
  arms: {
    k1: arm('k1, the log-ratio', 'k1'),
    k2: arm('k2, half its square', 'k2'),
    k3: arm('k3', 'k3'),
    k2Far: arm('k2, steps five times as long', 'k2', further),
    k3Far: arm('k3, steps five times as long', 'k3', further),
  },
  measures: {
    size: { arms: near, label: 'largest entry of the gradient', of: (run) => Math.max(...gradientOf(run).map(Math.abs)) },
    value: { label: 'mean of the estimate', unit: 'nats', of: (run) => oneSample(run, nameOf(run)).mean },
    exact: {
      label: 'exact KL(π‖π_ref)',
      unit: 'nats',
      of: ({ before, truth }) => klDivergence(before[0]?.outcomeLogps ?? [], logSoftmax(truth.reference)),
    },
    bias: {
      label: 'how far the mean of the estimate is from KL(π‖π_ref)',
      unit: 'nats',
      of: (run) =>
        Math.abs(oneSample(run, nameOf(run)).mean - klDivergence(run.before[0]?.outcomeLogps ?? [], logSoftmax(run.truth.reference))),
    },
    spread: { label: 'deviation of one sample’s estimate', unit: 'nats', of: (run) => oneSample(run, nameOf(run)).spread },
    noise: { label: 'deviation of one sample’s gradient', of: (run) => oneSample(run, nameOf(run)).noise },
    toReverse: { arms: near, label: 'largest difference from ∇KL(π‖π_ref)', of: (run) => worst(run, reverse) },
    toForward: { arms: near, label: 'largest difference from ∇KL(π_ref‖π)', of: (run) => worst(run, forward) },
  },
  plot: { kind: 'scatter', x: 'toReverse', y: 'toForward', arms: ['k1', 'k2', 'k3'] },
  claims: [
    identity('k1-pushes-nothing', 'Differentiated in the loss, k1 pushes nothing on average: its expected gradient is 0.', 'k1', 'size'),
    identity('k2-is-reverse', 'Differentiated in the loss, k2 has on average the gradient of KL(π‖π_ref).', 'k2', 'toReverse'),
    identity(
      'k3-is-forward',
      'Differentiated in the loss, k3 has on average the gradient of KL(π_ref‖π), the other direction.',
      'k3',
      'toForward',
    ),
    {
      id: 'k3-is-unbiased',
      statement: 'As an estimate k3 has the exact KL(π‖π_ref) as its mean.',
      where: 'the mean over samples of the policy',
      kind: 'identity',
      refutedBy: 'a mean elsewhere, beyond rounding, in one seed',
      left: ['k3', 'bias'],
      by: 'each',
      bound: { atMost: 1e-5 },
      because: 'a proof: π_ref/π has the mean 1; 32-bit log-ratios below 8 are off by at most 8 · 2⁻²⁴, and six of them are summed',
      expected: 'holds',
    },
    {
      id: 'k3-is-steadier',
      statement: 'After twelve steps away from the reference, one sample’s k3 spreads less than its k1, by at least 0.3 nats on average.',
      where: 'deviation of the estimates',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['k1', 'spread'],
      right: ['k3', 'spread'],
      by: 'mean',
      bound: { atLeast: 0.3 },
      because: 'nearly as much as the KL that is estimated, about 0.36',
      expected: 'holds',
    },
    {
      id: 'k3-is-wild-far-away',
      statement:
        'Far away, after twelve steps five times as long, the gradient of one sample’s k3 is noisier than that of its k2, by at least 1 on average.',
      where: 'deviation of the gradients',
      kind: 'toy',
      refutedBy: 'a smaller mean gap',
      left: ['k3Far', 'noise'],
      right: ['k2Far', 'noise'],
      by: 'mean',
      bound: { atLeast: 1 },
      because: 'more than all of k2’s own noise, which is below 1 here',
      expected: 'holds',
    },
  ],
  seeds: { page: 12, test: 3 },
});
