import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { reward } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [responses, dimensions] = [100, 12];
interface Truth {
  /** of the one prompt */
  readonly rewards: number[][];
  readonly reference: number[];
}

/** [side] mean implicit reward β log(π / π_ref) of the chosen and of the rejected answers at the end. */
function implicitRewards({ trial: { outcomeLogps = [] }, experiment: { pairs }, truth: { reference }, values: { beta = 1 } }: Run<Truth>) {
  const base = logSoftmax(reference);
  const of = (y: number) => beta * ((outcomeLogps[y] ?? Number.NaN) - (base[y] ?? 0));
  return pairs.map(({ chosen, rejected }) => [of(chosen as number), of(rejected as number)] as const);
}
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** How far the cross-entropy of thumbs, shifted by δ, lies above DPO's loss: the mean over pairs, and the least of any pair. */
function aboveDpo(run: Run<Truth>, isShifted: boolean): { mean: number; least: number } {
  const rewards = implicitRewards(run);
  const shift = isShifted ? rewards.reduce((sum, [w, l]) => sum + w + l, 0) / (2 * rewards.length) : 0;
  const gaps = rewards.map(([w, l]) => softplus(shift - w) + softplus(l - shift) - softplus(l - w));
  return { mean: gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, least: Math.min(...gaps) };
}

export const study = defineStudy<Truth>()({
  id: '61-thumbs',
  finding: 'A loss on thumbs bounds DPO’s from above',
  mechanism:
    'The cross-entropy of a classifier of thumbs, summed over one up and one down, bounds DPO’s loss from above. Rewards that have drifted together loosen the bound, and taking their mean off can tighten it again.',
  setup:
    'A hundred responses with twelve random features, one vector of weights, N(0, 1) logits of the reference; 120 Bradley–Terry pairs, each a thumb up and a thumb down; β = 0.5.',
  headline: 'On par with DPO and KTO on paired data, says the first version’s abstract, and the last with DPO; neither gives a number.',
  leavesOut:
    'Ups and downs come from the same prompt, so that DPO can be trained on them; the paper’s weights for other prompts are not shown. The formula’s means are of all updates so far, as in TRL; the paper’s, by a summary, are exponential moving averages.',
  tex: '-\\mathbb E_+\\log\\sigma(r-\\delta)-\\mathbb E_-\\log\\sigma(-(r-\\delta)),\\quad\\delta=\\tfrac12(\\mathbb E_+r+\\mathbb E_-r)',
  parameters: {
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.5 },
    pairs: { label: 'Pairs', symbol: 'n', path: 'data.count', min: 20, max: 1000, default: 120, integer: true },
  },
  toy: (seed, { beta, pairs: count }) => {
    const draws = new Draws(seed);
    const features = draws.normalRows(responses, dimensions, 1 / Math.sqrt(dimensions));
    const direction = draws.normals(dimensions, 2);
    const [rewards, reference] = [features.map((row) => dot(row, direction)), draws.normals(responses)];
    return {
      experiment: {
        policy: { kind: 'logLinear', features, weights: [new Array<number>(dimensions).fill(0)], base: reference },
        pairs: Array.from({ length: count }, () => {
          const [a, b] = draws.two(responses, reference);
          const [chosen, rejected] = draws.prefers((rewards[a] ?? 0) - (rewards[b] ?? 0)) ? [a, b] : [b, a];
          return { prompt: 0, chosen, rejected };
        }),
        objective: { name: 'dpo', params: { beta } },
        optimizer: { kind: 'adam', learningRate: 0.1, steps: 75 },
      },
      truth: { rewards: [rewards], reference },
    };
  },
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    shifted: {
      label: 'BCO',
      train: ({ experiment, values: { beta = 1 } }) => ({ ...experiment, objective: { name: 'bco', params: { beta } } }),
    },
    unshifted: {
      label: 'Without the shift',
      train: ({ experiment, values: { beta = 1 } }) => ({ ...experiment, objective: { name: 'bco_pair', params: { beta } } }),
    },
  },
  measures: {
    reward: { label: 'true reward', of: reward },
    least: { label: 'cross-entropy less DPO’s loss, least of any pair', of: (run) => aboveDpo(run, true).least },
    bound: { label: 'cross-entropy less DPO’s loss, shifted', unit: 'nats', of: (run) => aboveDpo(run, true).mean },
    loose: { label: 'cross-entropy less DPO’s loss, not shifted', unit: 'nats', of: (run) => aboveDpo(run, false).mean },
  },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'bounds-dpo',
      statement: 'The shifted cross-entropy of a thumb up and a thumb down lies above DPO’s loss on every pair.',
      where: 'the upper bound',
      kind: 'identity',
      refutedBy: 'one pair below, beyond rounding, in one seed',
      left: ['shifted', 'least'],
      by: 'each',
      bound: { atLeast: -1e-5 },
      because: 'a proof: (1 + a)(1 + b) ≥ 1 + ab for a, b > 0; up to rounding of 32-bit numbers',
      expected: 'holds',
    },
    {
      id: 'shift-tightens',
      statement:
        'On the rewards that DPO ends with, the mean of all rewards as the shift brings the bound, in most seeds, nearer to DPO’s loss.',
      where: 'why the reward shift',
      kind: 'empirical',
      refutedBy: 'surely fewer than four seeds in five in which it does',
      left: ['dpo', 'loose'],
      right: ['dpo', 'bound'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'shift-helps',
      statement: 'Trained on thumbs with the shift, the policy ends in most seeds with a higher true reward than without.',
      where: 'the comparison without the shift',
      kind: 'empirical',
      refutedBy: 'surely fewer than four seeds in five in which it does',
      left: ['shifted', 'reward'],
      right: ['unshifted', 'reward'],
      by: { share: 0.8 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'equals-dpo',
      statement: 'Trained on thumbs with the shift, the policy is on par with DPO after the same 75 updates.',
      where: 'on par with DPO on paired data',
      kind: 'toy',
      refutedBy: 'a true reward that is surely lower than DPO’s on average',
      left: ['shifted', 'reward'],
      right: ['dpo', 'reward'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'With this shift it goes about three tenths of the way from the loss without one to DPO: a mean of all updates so far lags behind rewards that still fall.',
    },
  ],
  seeds: { page: 16, test: 4 },
});
