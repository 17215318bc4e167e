import { defineStudy, type Outcome } from '../study.ts';

const responses = 60;
const line = Array.from({ length: responses }, (_, y) => y);
/** peaks at 25 and then collapses; the reference sits at 15, and its pairs hardly see the far side */
const quality = line.map((y) => Math.max(1 - ((y - 25) / 12) ** 2, -4));
const reference = line.map((y) => -((y - 15) ** 2) / (2 * 7 ** 2));
const centres = Array.from({ length: 10 }, (_, i) => (59 * i) / 9);

/** Updates between which the loss improves and the quality turns. */
const [early, late] = [40, 400];
/** What a measure loses from the first run to the second. */
const fallOf = ([first, second]: readonly Outcome[], name: string): number =>
  (first?.measures[name] ?? Number.NaN) - (second?.measures[name] ?? Number.NaN);

export const study = defineStudy<null>()({
  id: '11-overoptimisation',
  finding: 'A likelihood term insures against the worst runs',
  mechanism:
    'DPO can extrapolate into responses that no pair covers. A small likelihood term on the chosen ones is pessimism against that.',
  setup:
    'Sixty responses on a line, ten bumps of width 6 added to the reference’s logits; quality peaks at 25 and then collapses; 100 Bradley–Terry pairs of the reference’s samples around 15; 150 updates where no other number is said.',
  leavesOut:
    'One prompt and a hand-made cliff. The likelihood is that of the preferred answers, as in the released code. That the worst of many runs gain most is this page’s reading of the guarantee. How many DPO runs have gone over it depends on the updates: here none after 40, about half after 400.',
  tex: '\\min_\\pi\\ \\eta\\beta\\,\\mathbb E_{a\\sim\\pi^{\\mathrm{base}}}[-\\log\\pi(a\\mid x)]+\\mathcal L_{\\mathrm{DPO}}(\\pi)',
  parameters: {
    eta: { label: 'Weight of the likelihood', symbol: '\\eta', min: 0, max: 2, default: 0.2 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.02, max: 1, default: 0.1 },
    pairs: { label: 'Pairs', symbol: 'n', path: 'data.count', min: 20, max: 1000, default: 100, integer: true },
    steps: { label: 'Updates', symbol: 't', min: 10, max: 2000, default: 150, integer: true },
  },
  toy: (_seed, { beta, pairs, steps }) => ({
    experiment: {
      policy: { kind: 'logLinear', features: { responses, centres, width: 6 }, weights: [centres.map(() => 0)], base: reference },
      pairs: [],
      data: { kind: 'bradley-terry', rewards: [quality], sampler: [reference], count: pairs, temperature: 0.5 },
      objective: { name: 'dpo', params: { beta } },
      optimizer: { kind: 'adam', learningRate: 0.2, steps },
    },
    truth: null,
  }),
  arms: {
    long: {
      label: `DPO, ${early} and ${late} updates`,
      train: ({ experiment }) => [early, late].map((steps) => ({ ...experiment, optimizer: { ...experiment.optimizer, steps } })),
    },
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    rpo: {
      label: 'DPO with likelihood (RPO)',
      train: ({ experiment, values: { beta = 0.1, eta = 0 } }) => ({
        ...experiment,
        objective: { name: 'rpo', params: { beta, alpha: eta * beta } },
      }),
    },
  },
  measures: {
    loss: { label: 'loss on its pairs', arms: ['dpo'], of: 'loss' },
    turn: {
      label: `true reward after ${early} updates, less that after ${late}`,
      arms: ['long'],
      of: ({ trials }) => fallOf(trials, 'expectedReward'),
    },
    gained: { label: `loss after ${early} updates, less that after ${late}`, arms: ['long'], of: ({ trials }) => fallOf(trials, 'loss') },
    reward: { label: 'true reward', of: 'expectedReward' },
    kl: { label: 'KL to the reference', unit: 'nats', of: 'klToStart' },
  },
  plot: { kind: 'strip', y: 'reward', arms: ['dpo', 'rpo'] },
  claims: [
    {
      id: 'tail-is-safe',
      statement: 'With η = 0.2, nine in ten runs end after 150 updates with a true reward of at least 0.4.',
      where: 'the maximin guarantee, as a claim about the tail',
      kind: 'toy',
      refutedBy: 'a tenth quantile that is surely lower',
      left: ['rpo', 'reward'],
      by: { quantile: 0.1 },
      bound: { atLeast: 0.4 },
      because: 'well above the 0.03 that the reference itself earns',
      expected: 'holds',
    },
    {
      id: 'quality-turns',
      statement: `From ${early} updates of DPO to ${late}, the true reward falls by at least 0.5 on average.`,
      where: 'over-optimisation without the term',
      kind: 'toy',
      refutedBy: 'a smaller mean fall',
      left: ['long', 'turn'],
      by: 'mean',
      bound: { atLeast: 0.5 },
      because: 'half of what the best response earns above the reference',
      expected: 'holds',
    },
    {
      id: 'loss-still-improves',
      statement: `From ${early} updates of DPO to ${late}, the loss on its pairs falls, by at least 0.005 in nine runs of ten.`,
      where: 'what the training sees',
      kind: 'toy',
      refutedBy: 'surely fewer than nine runs in ten',
      left: ['long', 'gained'],
      by: { share: 0.9 },
      bound: { atLeast: 0.005 },
      because: 'half a hundredth; the mean fall is about 0.07',
      expected: 'holds',
    },
    {
      id: 'tail-of-dpo',
      statement:
        'After 150 updates, the tenth quantile of the true reward over DPO’s runs is at least 0.5 below that with the likelihood term at η = 0.2.',
      where: 'over-optimisation without the term',
      kind: 'toy',
      refutedBy: 'tenth quantiles that are surely nearer to each other',
      left: ['rpo', 'reward'],
      right: ['dpo', 'reward'],
      by: { quantile: 0.1 },
      bound: { atLeast: 0.5 },
      because: 'half of what the best response earns above the reference',
      expected: 'holds',
    },
    {
      id: 'on-average',
      statement:
        'With the likelihood term at η = 0.2, runs end after 150 updates with the higher reward on average, by at least 0.2, than with DPO alone.',
      where: 'RPO against DPO',
      kind: 'empirical',
      refutedBy: 'a smaller mean gap',
      left: ['rpo', 'reward'],
      right: ['dpo', 'reward'],
      by: 'mean',
      bound: { atLeast: 0.2 },
      because: 'above what the term costs a run that DPO leaves on the peak',
      expected: 'holds',
    },
    {
      id: 'each-run',
      statement: 'Four in five runs end after 150 updates with the higher reward with the likelihood term than without.',
      where: 'a stronger reading',
      kind: 'toy',
      refutedBy: 'surely fewer than four in five',
      left: ['rpo', 'reward'],
      right: ['dpo', 'reward'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'About half of the DPO runs stay on the peak, and end a little higher without the term: it costs them something, as an insurance does.',
    },
  ],
  seeds: { page: 40, test: 4 },
});
