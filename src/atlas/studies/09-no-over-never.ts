import type { Experiment, FeaturesPolicy } from '../../core/experiment.ts';
import { softmax } from '../../core/softmax.ts';
import { defineStudy, type Run } from '../study.ts';
import { jittered } from '../toys/displacement/near-no-over-never.ts';
import { chosenToken, defaultSettings, noOverNever, rejectedToken, toyPolicy, trainPresets } from '../toys/displacement/no-over-never.ts';
import { at, dot, minus, normSq, plus, times } from '../toys/vectors.ts';

interface Truth {
  /** both vectors trained */
  readonly both: FeaturesPolicy;
  /** the scale c* at which the first step changes its sign */
  readonly flip: number;
}

const yes = 2;
const weights = [0, 0.01, 0.05, 0.1, 0.3];
const pairs = [{ prompt: 0, chosen: chosenToken, rejected: rejectedToken }];

/** DPO with a likelihood term. */
const anchored = (lambda: number, beta = 0.1): Experiment['objective'] => ({
  expression: '-logSigmoid(beta * ((logp_w - ref_w) - (logp_l - ref_l))) - lambda * logp_w',
  params: { beta, lambda },
});
const run = (policy: FeaturesPolicy, learningRate: number, steps: number, beta = 0.1): Experiment => ({
  policy,
  pairs,
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'sgd', learningRate, steps },
});

const distribution = ({ hidden, unembedding }: FeaturesPolicy): number[] => softmax(unembedding.map((row) => dot(row, at(hidden, 0))));

function flipOf(policy: FeaturesPolicy): number {
  const [h, W] = [at(policy.hidden, 0), policy.unembedding];
  const pi = distribution(policy);
  const centre = W.reduce(
    (sum, row, z) => plus(sum, times(at(pi, z), row)),
    h.map(() => 0),
  );
  const fromHidden = dot(minus(at(W, chosenToken), centre), minus(at(W, chosenToken), at(W, rejectedToken)));
  return (((1 - at(pi, chosenToken) + at(pi, rejectedToken)) * normSq(h)) / -fromHidden) ** 0.25;
}
/** Scales a hundredth of c* apart, within 20 % of it; about 1 where the vectors leave no such scale. */
const scalesNear = (flip: number): number[] => Array.from({ length: 41 }, (_, i) => (Number.isFinite(flip) ? flip : 1) * (0.8 + 0.01 * i));

const changeOf = ({ trials }: Run<Truth>, index: number): number => trials[index]?.measures['chosenLogpChange'] ?? Number.NaN;

/** A token's probability after training. */
const probabilityOf =
  (token: number) =>
  ({ trial: { outcomeLogps = [] } }: Run<Truth>): number =>
    Math.exp(outcomeLogps[token] ?? Number.NaN);

/** Gain of π(Yes) where π(No) fell and the margin grew, else 0. */
function gainOfYes({ trained: { policy }, trial: { outcomeLogps = [], measures } }: Run<Truth>): number {
  const [before, after] = [distribution(policy as FeaturesPolicy), outcomeLogps.map(Math.exp)];
  const fell = (after[chosenToken] ?? Number.NaN) < at(before, chosenToken);
  const grew = (measures['loss'] ?? Number.NaN) < Math.LN2 && (measures['chosenLogpChange'] ?? 0) > (measures['rejectedLogpChange'] ?? 0);
  return fell && grew ? (after[yes] ?? Number.NaN) - at(before, yes) : 0;
}

/** Relative distance of c* from the scale at which the step's effect on “No” changes its sign, by a straight line. */
function missOfFlip(of: Run<Truth>): number {
  const scales = scalesNear(of.truth.flip);
  const change = scales.map((_, i) => changeOf(of, i));
  const after = change.findIndex((value) => value < 0);
  if (after < 1) return Number.NaN;
  const [low, high] = [at(change, after - 1), at(change, after)];
  const crossing = at(scales, after - 1) + ((at(scales, after) - at(scales, after - 1)) * low) / (low - high);
  return Math.abs(crossing / of.truth.flip - 1);
}

export const study = defineStudy<Truth>()({
  id: '09-no-over-never',
  finding: 'Teaching “No” over “Never” can yield “Yes”',
  mechanism:
    'A step away from “Never” moves what “Never” shares with “No” as well. Where that part is large enough, “No” falls with it, and what lies along their difference can take its place: “Yes”.',
  setup:
    'Six tokens, vectors of three numbers, each moved by N(0, 0.03²), and one pair that prefers “No” over “Never”; DPO with β = 0.1. The hidden vector trained by 100 steps of 1; or both vectors, with a short hidden vector and a long unembedding; or N(0, 0.2²) on the hidden vector, and DPO - λ log π(No).',
  headline: 'With OLMo-1B and “No” over “Never”, the probability of “No” falls from 0.85 to 0.01, and “Yes” is among those that gain.',
  leavesOut: 'One prompt, one pair and vectors that were chosen for the effect: for others, see “Often said”.',
  tex: String.raw`\mathcal L(\theta_{\mathrm{fin}})<\mathcal L(\theta_{\mathrm{init}}),\quad\ln\pi_{\mathrm{fin}}(y^{+})<\ln\pi_{\mathrm{init}}(y^{+})`,
  provenance: 'paper',
  parameters: {
    jitter: { label: 'Deviation of the vectors', symbol: 's', min: 0, max: 0.5, default: 0.03 },
    beta: { label: 'Temperature of DPO', symbol: '\\beta', min: 0.02, max: 1, default: 0.1 },
  },
  toy: (seed, { jitter, beta }) => {
    const both = jittered(seed, 'both', jitter);
    return {
      experiment: run({ ...both, train: 'hidden' }, defaultSettings.learningRate, 100, beta),
      truth: { both, flip: flipOf(both) },
    };
  },
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    anchored: {
      label: 'DPO with likelihood, five weights',
      train: ({ values: { beta } }) => {
        const { record: _, ...experiment } = noOverNever(defaultSettings);
        return weights.map((lambda) => ({
          ...experiment,
          policy: { ...toyPolicy(1, 'hidden'), noise: 0.2 },
          objective: anchored(lambda, beta),
        }));
      },
    },
    longer: {
      label: 'Scale 2.5, 40 and 400 updates',
      train: ({ truth: { both }, values: { beta } }) =>
        [40, 400].map((steps) => run({ ...both, scale: 2.5 }, trainPresets.both.learningRate, steps, beta)),
    },
    scales: {
      label: 'One small step at 41 scales',
      train: ({ truth: { both, flip } }) => scalesNear(flip).map((scale) => run({ ...both, scale }, 2 ** -6, 1, 0.3)),
    },
    dose: {
      label: 'Likelihood about its least weight',
      train: ({ truth: { both }, values: { beta } }) => ({
        diagnose: { ...run({ ...both, scale: 3 }, 0, 0), objective: anchored(0, beta) },
      }),
      next: [
        ({ truth: { both }, values: { beta } }, [plain]) => {
          const { chosenRate = Number.NaN, chosenGradNormSq = Number.NaN } = plain?.diagnoses?.[0] ?? {};
          return [0.99, 1.01].map((part) => ({
            diagnose: { ...run({ ...both, scale: 3 }, 0, 0), objective: anchored((-part * chosenRate) / chosenGradNormSq, beta) },
          }));
        },
      ],
    },
  },
  measures: {
    piNo: { label: 'π(No)', side: 'chosen', arms: ['dpo'], of: probabilityOf(chosenToken) },
    piNever: { label: 'π(Never)', side: 'rejected', arms: ['dpo'], of: probabilityOf(rejectedToken) },
    piYes: { label: 'π(Yes)', side: 'gainer', arms: ['dpo'], of: probabilityOf(yes) },
    yes: { label: 'gain of π(Yes) where π(No) fell and the margin grew, else 0', arms: ['dpo'], of: gainOfYes },
    change: { label: 'change of ln π(No)', unit: 'nats', of: 'chosenLogpChange' },
    rejected: { label: 'change of ln π(Never)', unit: 'nats', of: 'rejectedLogpChange' },
    loss: { label: 'loss', of: 'loss' },
    increase: {
      label: 'smallest increase of ln π(No) from one weight of the likelihood to the next',
      unit: 'nats',
      arms: ['anchored'],
      of: (of) => Math.min(...weights.slice(1).map((_, i) => changeOf(of, i + 1) - changeOf(of, i))),
    },
    below: { label: 'how far ln π(No) is below its start after 40 updates', unit: 'nats', arms: ['longer'], of: (of) => -changeOf(of, 0) },
    above: { label: 'how far ln π(No) is above its start after 400 updates', unit: 'nats', arms: ['longer'], of: (of) => changeOf(of, 1) },
    flip: {
      label: 'relative distance of c* from the scale at which the step’s effect on “No” changes its sign',
      arms: ['scales'],
      of: missOfFlip,
    },
    dose: {
      label: 'smaller of how fast “No” falls at 0.99 λ* and rises at 1.01 λ*, as a share of how fast it falls at λ = 0',
      arms: ['dose'],
      of: ({ before, trials }) => {
        const [below, above] = trials.map(({ diagnoses }) => diagnoses?.[0]?.chosenRate ?? Number.NaN);
        return Math.min(-(below ?? Number.NaN), above ?? Number.NaN) / -(before[0]?.diagnoses?.[0]?.chosenRate ?? Number.NaN);
      },
    },
  },
  plot: { kind: 'lines', y: ['piNo', 'piNever', 'piYes'], updates: Array.from({ length: 21 }, (_, i) => 5 * i), arms: ['dpo'] },
  claims: [
    {
      id: 'no-over-never',
      statement:
        'Preferring “No” over “Never” lowers the probability of “No”, and “Yes”, which the data never mentions, takes its place, with nearly all vectors very near to the toy’s.',
      where: 'section 3',
      kind: 'toy',
      refutedBy: 'a smaller share of seeds in which “Yes” gains so much',
      tex: String.raw`\mathcal L(\theta_{100})<\mathcal L(\theta_{0}),\quad\pi_{100}(\text{No})<\pi_{0}(\text{No}),\quad\pi_{100}(\text{Yes})-\pi_{0}(\text{Yes})\ge 0.5`,
      left: ['dpo', 'yes'],
      by: { share: 0.95 },
      bound: { atLeast: 0.5 },
      because: 'the page’s own choice: half of all probability, where the undisturbed toy gains 0.87',
      expected: 'holds',
    },
    {
      id: 'scale-flip',
      statement:
        'Long unembeddings with a short hidden vector, or the reverse, can be the same policy; where training the hidden vector alone lowers the preferred answer, training both does so at first only above a scale that a formula gives.',
      where: 'Theorem 4, rescaled',
      kind: 'identity',
      refutedBy: 'a change of sign elsewhere in one seed',
      tex: String.raw`W\to cW,\ h\to h/c:\qquad c^{*}=\Big[\frac{(1-\pi_{+}+\pi_{-})\|h\|^{2}}{-\langle W_{+}-\bar W,\,W_{+}-W_{-}\rangle}\Big]^{1/4}`,
      left: ['scales', 'flip'],
      by: 'each',
      bound: { atMost: 0.01 },
      because: 'the scales are 1 % apart',
      expected: 'holds',
    },
    {
      id: 'sft-anchors',
      statement:
        'Of the weights 0, 0.01, 0.05, 0.1 and 0.3 of a likelihood term that is added to DPO, each larger one leaves “No” more probable after 100 steps, in nearly all draws.',
      where: 'Proposition 1',
      kind: 'toy',
      refutedBy: 'a larger weight that leaves “No” lower, in more seeds',
      tex: String.raw`\lambda_1<\lambda_2\ \Rightarrow\ \ln\pi_{100}^{\lambda_1}(\text{No})<\ln\pi_{100}^{\lambda_2}(\text{No}),\quad\lambda\in\{0,\,0.01,\,0.05,\,0.1,\,0.3\}`,
      left: ['anchored', 'increase'],
      by: { share: 0.95 },
      bound: { atLeast: 0.05 },
      because: 'above 0 by more than the noise that float32 leaves after 100 steps',
      expected: 'holds',
    },
    {
      id: 'sft-threshold',
      statement:
        'In a small first step the preferred answer stops falling exactly where the weight of the likelihood term passes a value that the gradients give.',
      where: 'Proposition 1',
      kind: 'identity',
      refutedBy: 'a preferred answer that still falls above that weight, or rises below it, in one seed',
      tex: String.raw`\tfrac{d}{dt}\ln\pi(y^{+})\ge 0\iff\lambda\ge\lambda^{*}=-\frac{\mathcal E}{\|\nabla\ln\pi(y^{+})\|^{2}}`,
      left: ['dose', 'dose'],
      by: 'each',
      bound: { atLeast: 0.009 },
      because: 'the formula gives 0.01 on both sides; a tenth of it is left to rounding',
      expected: 'holds',
    },
    {
      id: 'displacement-passes',
      statement:
        'With both vectors trained at scale 2.5, “No” is below its start after 40 updates and above it again after 400, in nearly all draws.',
      where: 'section 3, trained for longer',
      kind: 'toy',
      refutedBy: 'a “No” that stays up after 40 updates, or down after 400, in more seeds',
      tex: String.raw`\ln\pi_{40}(\text{No})<\ln\pi_{0}(\text{No})<\ln\pi_{400}(\text{No})`,
      left: ['longer', 'below'],
      and: [{ left: ['longer', 'above'] }],
      by: { share: 0.95 },
      bound: { atLeast: 1e-3 },
      because: 'above 0 by more than float32 loses in 400 updates',
      expected: 'holds',
    },
  ],
  seeds: { page: 60, test: 2 },
});
