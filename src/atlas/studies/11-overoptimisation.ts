import { defineStudy } from '../study.ts';

const responses = 60;
const line = Array.from({ length: responses }, (_, y) => y);
/** peaks at 25 and then collapses; the reference sits at 15, and its pairs hardly see the far side */
const quality = line.map((y) => Math.max(1 - ((y - 25) / 12) ** 2, -4));
const reference = line.map((y) => -((y - 15) ** 2) / (2 * 7 ** 2));
const centres = Array.from({ length: 10 }, (_, i) => (59 * i) / 9);
/** The reference as one more feature, so small with so large a weight that Adam moves what it adds by 2 % at most. */
const held = 1e3;
const features = line.map((y) => [...centres.map((c) => Math.exp(-((y - c) ** 2) / (2 * 6 ** 2))), (reference[y] ?? 0) / held]);

export const study = defineStudy<null>()({
  id: '11-overoptimisation',
  finding: 'A likelihood term insures the worst runs',
  mechanism: 'DPO extrapolates into responses that no pair covers. A small likelihood term on the chosen ones is pessimism against that.',
  setup:
    'Sixty responses on a line, ten bumps of width 6 beside the reference; quality peaks at 25 and then collapses; 100 Bradley–Terry pairs of the reference’s samples around 15.',
  leavesOut:
    'One prompt and a hand-made cliff. After 250 updates few DPO runs have gone over it; more have after 400. The reference is held by a tiny feature with a large weight, and may drift by 2 %.',
  tex: '\\min_\\pi\\ \\eta\\beta\\,\\mathbb E_{a\\sim\\pi^{\\mathrm{base}}}[-\\log\\pi(a\\mid x)]+\\mathcal L_{\\mathrm{DPO}}(\\pi)',
  parameters: {
    eta: { label: 'Weight of the likelihood', symbol: '\\eta', min: 0, max: 2, default: 0.2 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
    pairs: { label: 'Pairs', symbol: 'n', path: 'data.count', min: 20, max: 1000, default: 100, integer: true },
    steps: { label: 'Updates', symbol: 't', path: 'optimizer.steps', min: 10, max: 2000, default: 250, integer: true },
  },
  toy: (_seed, { beta, pairs, steps }) => ({
    experiment: {
      policy: { kind: 'logLinear', features, weights: [[...centres.map(() => 0), held]] },
      pairs: [],
      data: { kind: 'bradley-terry', rewards: [quality], sampler: [reference], count: pairs, temperature: 0.5 },
      objective: { name: 'dpo', params: { beta } },
      optimizer: { kind: 'adam', learningRate: 0.05, steps },
    },
    truth: null,
  }),
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    rpo: {
      label: 'RPO',
      train: ({ experiment, values: { beta = 0.1, eta = 0 } }) => ({
        ...experiment,
        objective: { name: 'rpo', params: { beta, alpha: eta * beta } },
      }),
    },
  },
  measures: { reward: { label: 'true reward', of: 'expectedReward' }, kl: { label: 'KL to the reference', unit: 'nats', of: 'klToStart' } },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'tail-is-safe',
      statement: 'With η = 0.2, nine in ten runs end with a true reward of at least 0.4.',
      where: 'the maximin guarantee, as a claim about the tail',
      kind: 'empirical',
      refutedBy: 'a tenth quantile that is surely lower',
      left: ['rpo', 'reward'],
      by: { quantile: 0.1 },
      bound: { atLeast: 0.4 },
      because: 'well above the 0.03 that the reference itself earns',
      expected: 'holds',
    },
    {
      id: 'each-run',
      statement: 'Four in five runs are better with the likelihood term.',
      where: 'a stronger reading',
      kind: 'toy',
      refutedBy: 'surely fewer than four in five',
      left: ['rpo', 'reward'],
      right: ['dpo', 'reward'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead: 'After 250 updates hardly any DPO run is over-optimised: the term costs most runs a little, as an insurance does.',
    },
  ],
  seeds: { page: 30, test: 10 },
});
