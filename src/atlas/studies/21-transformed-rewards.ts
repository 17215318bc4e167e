import { expectedReward } from '../../core/exact.ts';
import { logSigmoid, mean } from '../../core/numerics.ts';
import { massOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitTilt, logRatios, tiltedAt } from '../toys/tilted.ts';
import { quantileOf } from '../verdict.ts';

const [prompts, responses] = [10, 24];
const uniform = Array.from({ length: prompts }, () => new Array<number>(responses).fill(0));

interface Truth {
  readonly first: number[][];
  readonly second: number[][];
}

/** log σ(r - r_ref), r_ref the reward that 85 % of a prompt's responses do not reach. */
const transformed = (rewards: readonly (readonly number[])[]): number[][] =>
  rewards.map((row) => {
    const reference = quantileOf(row, 0.85);
    return row.map((value) => logSigmoid(value - reference));
  });
const sum = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]): number[][] =>
  a.map((row, x) => row.map((value, y) => value + (b[x]?.[y] ?? 0)));

const policies = ({ trial, values: { kl = 1 } }: Run<Truth>): number[][] => tiltedAt(uniform, logRatios(trial, uniform), kl);

/** Mass on responses that are among a prompt's best 30 % by both rewards, over prompts that have one. */
function bothGood(run: Run<Truth>): number {
  const good = run.truth.first.map((first, x) => {
    const second = run.truth.second[x] ?? [];
    const [a, b] = [quantileOf(first, 0.7), quantileOf(second, 0.7)];
    return [...first.keys()].filter((y) => (first[y] ?? 0) > a && (second[y] ?? 0) > b);
  });
  const masses = policies(run).map((row, x) => massOf(row, good[x] ?? []));
  return mean(masses.filter((_, x) => (good[x]?.length ?? 0) > 0));
}

/** A low quantile over prompts of how many deviations the first reward has gained. */
function leastGain(run: Run<Truth>): number {
  const gains = policies(run).map((row, x) => {
    const rewards = run.truth.first[x] ?? [];
    const deviation = Math.sqrt(mean(rewards.map((value) => (value - mean(rewards)) ** 2)));
    return (expectedReward(row, rewards) - mean(rewards)) / deviation;
  });
  return quantileOf(gains, 0.1);
}

export const study = defineStudy<Truth>()({
  id: '21-transformed-rewards',
  finding: 'Transformed rewards, summed, favour answers good in both',
  mechanism:
    'Well past a reference, log σ(r − r_ref) hardly grows. So a sum of such rewards asks for answers that are good in both, and prompts whose best rewards stand out take less of the KL.',
  setup:
    'Ten prompts of 24 answers with two rewards that oppose each other a little; r_ref is each prompt’s 85 % quantile; policies fitted to the rewards, compared at a mean KL of 1.2 nats. Good in both are answers among the best 30 % of their prompt by each reward; prompts without any do not count.',
  leavesOut:
    'Rewards are given, not learned, so nothing is over-optimised in the sense of a wrong reward model; and policies are fitted to them without sampling.',
  tex: 'u_k=\\log\\sigma\\big(r_k-r_k^{\\mathrm{ref}}(x)\\big),\\quad\\max_\\pi\\mathbb E\\sum_ku_k-\\gamma\\,\\mathrm{KL}',
  parameters: { kl: { label: 'Mean KL to the reference, nats', symbol: '\\mathrm{KL}', min: 0.1, max: 2.5, default: 1.2 } },
  toy: (seed) => {
    const draws = new Draws(seed);
    const raw = draws.normalRows(prompts, responses, 2);
    const offsets = draws.normals(prompts, 1.5);
    const other = draws.normals(prompts);
    const first = raw.map((row, x) => row.map((value) => value + (offsets[x] ?? 0)));
    const second = raw.map((row, x) => row.map((value) => -0.3 * value + 2 * draws.normal() + (other[x] ?? 0)));
    return { experiment: fitTilt(uniform, sum(first, second)), truth: { first, second } };
  },
  arms: {
    sum: { label: 'Sum of rewards', train: ({ experiment }) => experiment },
    transformed: {
      label: 'Sum of transformed rewards',
      train: ({ truth }) => fitTilt(uniform, sum(transformed(truth.first), transformed(truth.second))),
    },
    one: { label: 'One reward', train: ({ truth }) => fitTilt(uniform, truth.first) },
    oneTransformed: { label: 'One transformed reward', train: ({ truth }) => fitTilt(uniform, transformed(truth.first)) },
  },
  measures: {
    both: { label: 'probability of answers good in both', of: bothGood },
    least: { label: 'gain at the 10 % quantile of prompts', unit: 'deviations', of: leastGain },
  },
  plot: { kind: 'strip', y: 'both', arms: ['sum', 'transformed'] },
  claims: [
    {
      id: 'and-not-or',
      statement:
        'At equal mean KL, the sum of transformed rewards puts more on answers that are good in both, by 0.02 at least on average.',
      where: 'combining rewards as a logical “and”',
      kind: 'empirical',
      refutedBy: 'a smaller mean gap',
      left: ['transformed', 'both'],
      right: ['sum', 'both'],
      by: 'mean',
      bound: { atLeast: 0.02 },
      because: 'about a twentieth of what the raw sum puts there',
      expected: 'holds',
    },
    {
      id: 'no-prompt-left',
      statement:
        'With one reward and at equal mean KL, the prompts that gain least, in their own deviations, gain more if it is transformed, on average over the seeds.',
      where: 'underfitting of poor prompts',
      kind: 'empirical',
      refutedBy: 'a mean gap that is not above 0',
      left: ['oneTransformed', 'least'],
      right: ['one', 'least'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 5 },
});
