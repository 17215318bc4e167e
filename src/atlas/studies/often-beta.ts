import { logSoftmax } from '../../core/softmax.ts';
import { defineStudy, type Run, type Stage } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const answers = 3;
const learningRate = 0.1;
/** What others are compared with. */
const usual = 0.1;

interface Truth {
  readonly start: readonly number[];
}

/** How much the chosen answer's log-probability has gained on the rejected one's. */
const gainOf = (logps: readonly number[], { start }: Truth): number =>
  (logps[0] ?? Number.NaN) - (logps[1] ?? Number.NaN) - ((start[0] ?? 0) - (start[1] ?? 0));
const gain = ({ trial, truth }: Run<Truth>): number => gainOf(trial.outcomeLogps ?? [], truth);

const early: Stage<Truth> = ({ experiment, values: { beta = 0.1 } }) =>
  [beta, 2 * beta, usual].map((each) => ({
    ...experiment,
    objective: { name: 'dpo', params: { beta: each } },
    optimizer: { kind: 'sgd' as const, learningRate, steps: 5 },
  }));
/** A step that is as large in the margin whatever β is. */
const end: Stage<Truth> = ({ experiment, values: { beta = 0.1 } }) =>
  [beta, usual].map((each) => ({
    ...experiment,
    objective: { name: 'dpo', params: { beta: each } },
    optimizer: { kind: 'sgd' as const, learningRate: 1 / each ** 2, steps: 200 },
  }));

export const study = defineStudy<Truth>()({
  id: 'often-beta',
  finding: 'Larger β: faster start, smaller final gain',
  mechanism:
    'DPO’s force on a pair is β times a factor that begins at one half, so under gradient descent a larger β moves the policy faster at first. Where labels disagree the run ends at a gain in log-odds that is inversely proportional to β.',
  setup:
    'Three answers with random logits; of ten labels eight prefer the first to the second and two the second. Five steps at rate 0.1, or until nothing moves any more.',
  leavesOut: 'One prompt and free logits. Where all labels agree there is no end, whatever β is.',
  tex: String.raw`\beta\Big(\log\frac{\pi_w}{\pi_l}-\log\frac{\pi_{\mathrm{ref},w}}{\pi_{\mathrm{ref},l}}\Big)\to\log\frac{q}{1-q},\quad q=0.8`,
  provenance: 'our reading',
  parameters: { beta: { label: 'Temperature', symbol: '\\beta', min: 0.05, max: 1, default: 0.1 } },
  toy: (seed) => {
    const logits = new Draws(seed).normals(answers);
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [logits] },
        pairs: [
          { prompt: 0, chosen: 0, rejected: 1, weight: 1.6 },
          { prompt: 0, chosen: 1, rejected: 0, weight: 0.4 },
        ],
        objective: { name: 'dpo' },
        optimizer: { kind: 'sgd', learningRate, steps: 1 },
      },
      truth: { start: Array.from(logSoftmax(logits)) },
    };
  },
  arms: { end: { label: 'At the end', train: end }, early: { label: 'After five steps', train: early } },
  measures: {
    gain: { label: 'gain of the first answer on the second', unit: 'nats', of: gain },
    relative: {
      label: 'how far the pair moves, as a multiple of that at β = 0.1',
      of: ({ trials, truth }) => gainOf(trials[0]?.outcomeLogps ?? [], truth) / gainOf(trials.at(-1)?.outcomeLogps ?? [], truth),
    },
    off: {
      label: 'how far β times the gain is from ln 4',
      unit: 'nats',
      arms: ['end'],
      of: (run) => Math.abs((run.values['beta'] ?? Number.NaN) * gain(run) - Math.log(4)),
    },
    faster: {
      label: 'gain with twice β, of that with β',
      arms: ['early'],
      of: ({ trials, truth }) => gainOf(trials[1]?.outcomeLogps ?? [], truth) / gainOf(trials[0]?.outcomeLogps ?? [], truth),
    },
  },
  plot: { kind: 'law', y: 'relative', over: 'beta', at: [0.05, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3] },
  claims: [
    {
      id: 'end-is-inverse',
      statement: 'Where eight labels of ten agree, β times the gain in log-odds ends at ln 4: with twice β, at half the gain.',
      where: 'where the gradient is zero',
      kind: 'identity',
      refutedBy: 'an end elsewhere, by more than 0.001, in one seed',
      left: ['end', 'off'],
      by: 'each',
      bound: { atMost: 0.001 },
      because: 'a proof of where it ends; after 200 steps that each leave about two thirds of what is missing, only rounding is left',
      expected: 'holds',
    },
    {
      id: 'early-is-faster',
      statement: 'In the first five steps of gradient descent, twice β moves the pair at least 1.9 times as far.',
      where: 'the force at the start, β/2',
      kind: 'toy',
      refutedBy: 'a smaller ratio in one seed',
      left: ['early', 'faster'],
      by: 'each',
      bound: { atLeast: 1.9 },
      because: 'two, less what the factor σ loses in five small steps',
      expected: 'holds',
    },
  ],
  seeds: { page: 8, test: 2 },
});
