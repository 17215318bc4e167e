import { bestOfN, expectedReward } from '../../core/exact.ts';
import type { Pair } from '../../core/experiment.ts';
import { logSoftmax, logSumExp } from '../../core/softmax.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { ipoLimit, winnersGain } from '../toys/modes/ipo-limit.ts';
import { histogram } from '../toys/modes/kl-race.ts';
import { at, type Vector, worst } from '../toys/vectors.ts';

/** [peak] */
interface Truth {
  readonly reference: Vector;
  readonly rewards: readonly Vector[];
}

const [bins, steps] = [25, 200];
const [far, near] = [0, 1];

const rewardTo = (peak: number): number[] => Array.from({ length: bins }, (_, a) => Math.exp(-(((4 * a + 1.5 - peak) / 10) ** 2)));

const gainOfWinners = (run: Run<Truth>, peak: number, count: number): number =>
  winnersGain(run.truth.reference, at(run.truth.rewards, peak), at(distributionsOf(run), peak), count);

/** Expected reward above that of the best of ten draws from the reference. */
function aboveCeiling(run: Run<Truth>, peak: number): number {
  const [reference, rewards] = [run.truth.reference, at(run.truth.rewards, peak)];
  const ceiling = bestOfN(reference, rewards, 10).reduce((sum, p, y) => sum + p * at(rewards, y), 0);
  return expectedReward(at(distributionsOf(run), peak), rewards) - ceiling;
}

const slowly = 'over few seeds: “95 % of all seeds” would take 59';

export const study = defineStudy<Truth>()({
  id: '37-ipo-limit',
  finding: 'Losers lose mass, and so can winners',
  mechanism:
    'Trained to the end on all pairs, IPO tilts the reference by how often an answer wins less how often it loses. Losers give mass away. With a target of 10 nats the mean log-probability of the winners of two falls, too; with a target of 1 or 2 it rises.',
  setup:
    'The bandit with four bins in one (25 bins), its reference drawn anew as a histogram of 10,000 samples, and one more in each fine bin, for each seed, reward peaks at 70 and at 20; IPO with target 10 on all pairs that two draws from the reference can give, weighted by their probability; 200 steps of gradient descent.',
  leavesOut: 'Unlimited data and free logits, where the paper has samples and networks.',
  tex: String.raw`\pi\propto\pi_{\text{ref}}\,e^{\,b\,[P(\text{win})-P(\text{lose})]}`,
  provenance: 'our reading',
  parameters: { target: { label: 'Target margin', symbol: 'b', min: 1, max: 12, default: 10 } },
  toy: (seed, { target }) => {
    const fine = histogram(seed);
    const reference = logSoftmax(Array.from({ length: bins }, (_, a) => logSumExp(fine.slice(4 * a, 4 * a + 4))));
    const rewards = [70, 20].map(rewardTo);
    const drawn = rewards.flatMap((row, prompt) =>
      row.flatMap((r, a) =>
        row.flatMap((other, b): Pair[] =>
          r > other ? [{ prompt, chosen: a, rejected: b, weight: Math.exp(at(reference, a) + at(reference, b)) }] : [],
        ),
      ),
    );
    return {
      experiment: {
        policy: { kind: 'tabular', logits: rewards.map(() => reference) },
        // the loss is a mean over all pairs; made a sum, its curvature in a row of logits is at most twice the largest probability
        pairs: drawn.map((pair): Pair => ({ ...pair, weight: (pair.weight ?? 0) * drawn.length })),
        objective: { name: 'ipo_sum', params: { beta: 1 / (2 * target) } },
        optimizer: { kind: 'sgd', learningRate: 4, steps },
      },
      truth: { reference, rewards },
    };
  },
  arms: { ipo: { label: 'IPO', train: ({ experiment }) => experiment } },
  measures: {
    distance: {
      label: 'largest difference of a log-probability from the closed form, over both peaks',
      unit: 'nats',
      of: (run) => {
        const { reference, rewards } = run.truth;
        return worst(
          rewards.flatMap((row, peak) => {
            const exact = ipoLimit([...reference], [...row], run.values['target'] ?? Number.NaN);
            return at(distributionsOf(run), peak).map((logp, y) => logp - at(exact, y));
          }),
        );
      },
    },
    aboveFar: { label: 'expected reward above the ceiling of best-of-10, far peak', of: (run) => aboveCeiling(run, far) },
    aboveNear: { label: 'expected reward above the ceiling of best-of-10, near peak', of: (run) => aboveCeiling(run, near) },
    fallFar: { label: 'how far the best of two falls, far peak', unit: 'nats', of: (run) => -gainOfWinners(run, far, 2) },
    fallNear: { label: 'how far the best of two falls, near peak', unit: 'nats', of: (run) => -gainOfWinners(run, near, 2) },
    riseFar: { label: 'how far the best of ten rises, far peak', unit: 'nats', of: (run) => gainOfWinners(run, far, 10) },
    riseNear: { label: 'how far the best of ten rises, near peak', unit: 'nats', of: (run) => gainOfWinners(run, near, 10) },
  },
  plot: { kind: 'scatter', x: 'fallFar', y: 'riseFar' },
  claims: [
    {
      id: 'ipo-limit',
      statement:
        'With unlimited offline data and free logits, IPO converges to the reference tilted by how often an answer wins less how often it loses.',
      where: 'offline IPO with unlimited data',
      kind: 'identity',
      refutedBy: 'another limit in one seed',
      left: ['ipo', 'distance'],
      by: 'each',
      bound: { atMost: 1e-3 },
      because: 'what 200 steps leave of a distance of 20 nats, and float32 rounds of log-probabilities below 32',
      expected: 'holds',
    },
    {
      id: 'ipo-above-ceiling',
      statement:
        'Trained to the end on unlimited offline data, IPO with a target of 10 nats earns more than best-of-10 does in its limit, at both peaks.',
      where: 'negative gradient, at convergence',
      kind: 'toy',
      refutedBy: 'a mean gap that is not above 0 at one of the peaks',
      left: ['ipo', 'aboveFar'],
      and: [{ left: ['ipo', 'aboveNear'] }],
      by: 'mean',
      bound: { atLeast: 0.001 },
      because: `above 0 by more than the training stops short; ${slowly}`,
      expected: 'holds',
    },
    {
      id: 'winners-of-two',
      statement:
        'Trained to the end on unlimited offline pairs, IPO with a target of 10 lowers the mean log-probability of the best of two draws and raises that of the best of ten, though free logits share nothing but that all probabilities sum to 1.',
      where: 'the bandit’s implicit rewards, with unlimited data',
      kind: 'toy',
      refutedBy: 'a smaller mean fall, or rise, at one of the peaks',
      left: ['ipo', 'fallFar'],
      and: [{ left: ['ipo', 'fallNear'] }, { left: ['ipo', 'riseFar'] }, { left: ['ipo', 'riseNear'] }],
      by: 'mean',
      bound: { atLeast: 1 },
      because: `the page’s own choice: a factor of e in the winners’ probability; ${slowly}`,
      expected: 'holds',
    },
  ],
  seeds: { page: 8, test: 2 },
});
