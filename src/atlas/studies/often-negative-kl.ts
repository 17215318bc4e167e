import { klDivergence } from '../../core/exact.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { quantileOf } from '../verdict.ts';

const [answers, batches] = [20, 200];

interface Truth {
  readonly reference: number[];
}

interface Estimate {
  readonly k1: number;
  readonly k3: number;
}
/** of runs that are measured, once for all measures */
const kept = new WeakMap<object, readonly Estimate[]>();

/** Estimates of KL(π ‖ π_ref), one for each batch of samples of the policy. */
function estimates(run: Run<Truth>): readonly Estimate[] {
  const made = kept.get(run.trial) ?? drawn(run);
  kept.set(run.trial, made);
  return made;
}
function drawn({ truth, trial: { outcomeLogps = [] }, seed, values: { samples = 8 } }: Run<Truth>): Estimate[] {
  const draws = new Draws(seed, 1);
  const reference = logSoftmax(truth.reference);
  return Array.from({ length: batches }, () => {
    const ratios = Array.from({ length: samples }, () => {
      const y = draws.fromLogits(outcomeLogps);
      return (outcomeLogps[y] ?? Number.NaN) - (reference[y] ?? Number.NaN);
    });
    return { k1: mean(ratios), k3: mean(ratios.map((ratio) => Math.expm1(-ratio) + ratio)) };
  });
}

const k1Of = (run: Run<Truth>): number[] => estimates(run).map(({ k1 }) => k1);

export const study = defineStudy<Truth>()({
  id: 'often-negative-kl',
  finding: 'An estimate of a KL can be negative',
  mechanism:
    'A KL is never below 0, but the mean of log-ratios over a few samples is only an estimate of it. Where the policy has moved little, samples that became less likely often outweigh the others.',
  setup:
    'Twenty answers, random logits; the policy makes 20 steps of DPO on one pair. Its KL to the start is estimated from 8 of its own samples, two hundred times.',
  leavesOut:
    'One token an answer, and samples of the very policy that is measured: trainers that sample from an older one, or cut the samples off, are biased as well.',
  tex: String.raw`\hat k_1=\frac{1}{n}\sum_i\log\frac{\pi(y_i)}{\pi_{\mathrm{ref}}(y_i)},\quad\hat k_3=\frac{1}{n}\sum_i\Big(\frac{\pi_{\mathrm{ref}}}{\pi}-1-\log\frac{\pi_{\mathrm{ref}}}{\pi}\Big)(y_i)\ge0`,
  provenance: 'our reading',
  parameters: {
    samples: { label: 'Samples of an estimate', symbol: 'n', min: 1, max: 256, default: 8, integer: true },
    steps: { label: 'Updates', symbol: 't', path: 'optimizer.steps', min: 1, max: 300, default: 20, integer: true },
  },
  toy: (seed) => {
    const draws = new Draws(seed);
    const reference = draws.normals(answers);
    const [chosen, rejected] = draws.two(answers);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [reference] },
        pairs: [{ prompt: 0, chosen, rejected }],
        objective: { name: 'dpo', params: { beta: 0.1 } },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 20 },
      },
      truth: { reference },
    };
  },
  arms: { dpo: { label: 'DPO', train: ({ experiment }) => experiment } },
  measures: {
    exact: {
      label: 'exact KL to the start',
      unit: 'nats',
      of: ({ truth, trial }) => klDivergence(trial.outcomeLogps ?? [], logSoftmax(truth.reference)),
    },
    low: { label: 'a tenth of the estimates are below', unit: 'nats', of: (run) => quantileOf(k1Of(run), 0.1) },
    high: { label: 'a tenth of the estimates are above', unit: 'nats', of: (run) => quantileOf(k1Of(run), 0.9) },
    negative: { label: 'share of estimates by k1 below 0', of: (run) => mean(estimates(run).map(({ k1 }) => (k1 < 0 ? 1 : 0))) },
    lowest: { label: 'lowest estimate by k3', unit: 'nats', of: (run) => Math.min(...estimates(run).map(({ k3 }) => k3)) },
  },
  plot: { kind: 'scatter', x: 'exact', y: 'negative' },
  claims: [
    {
      id: 'often-below-zero',
      statement: 'After 20 steps of DPO, at least a tenth of the estimates from 8 samples by the mean log-ratio are below 0, on average.',
      where: 'k1, the log-ratio',
      kind: 'toy',
      refutedBy: 'a smaller mean share',
      left: ['dpo', 'negative'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'one row in ten is seen by anyone who reads a log',
      expected: 'holds',
    },
    {
      id: 'has-moved',
      statement: 'After 20 steps of DPO the exact KL to the start is at least 0.01 nats on average.',
      where: 'what is estimated',
      kind: 'toy',
      refutedBy: 'a smaller mean',
      left: ['dpo', 'exact'],
      by: 'mean',
      bound: { atLeast: 0.01 },
      because: 'far above rounding, and still small beside the spread of eight log-ratios',
      expected: 'holds',
    },
    {
      id: 'k3-never',
      statement: 'By k3 no estimate is below 0.',
      where: 'k3',
      kind: 'identity',
      refutedBy: 'one estimate below 0 by more than rounding',
      left: ['dpo', 'lowest'],
      by: 'each',
      bound: { atLeast: -1e-6 },
      because: 'a proof: eˣ - 1 - x is at least 0, and 32-bit log-ratios below 8 are off by at most 8 · 2⁻²⁴',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 4 },
});
