import { bestOfN, expectedReward } from '../../core/exact.ts';
import type { Pair, RunOptions } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax, logSumExp } from '../../core/softmax.ts';
import { type Claim, type ClaimEngine, type ClaimOptions, comparisonOf, measurementOf, partOf, seedsOf, slowly } from '../claim.ts';
import { at, minus, remember, type Vector, worst } from '../claim-tools.ts';
import { banditBins, banditReward } from '../toys/bandit.ts';
import { ipoLimit } from '../toys/ipo-limit.ts';
import { histogram } from './kl.ts';
import { adam, groups, n, rewardsOf, updatesARound } from './on-policy.ts';

/** The reference and the peaks of a simpler bandit: a discretised N(20, 20²); peak 20 is aligned with it, 50 is not. */
const gaussian = logSoftmax(Array.from({ length: banditBins }, (_, a) => -((a - 20) ** 2) / (2 * 20 ** 2)));
const [pairsEach, pairSteps, pairRate] = [400, 100, 0.06];

const pairRewards = (seeds: number): number[][] => [20, 50].flatMap((peak) => Array.from({ length: seeds }, () => banditReward(peak)));

/** Expected reward [seed], at both peaks, after training on the same labelled pairs. */
function pairTraining(
  engine: ClaimEngine,
  options: ClaimOptions,
  objective: { name: 'dpo' | 'sft'; params?: Record<string, number> },
  run: RunOptions,
) {
  const { seeds, seed = 1 } = options;
  return remember(engine, `pairs ${objective.name} ${seeds} ${seed}`, async () => {
    const rewards = pairRewards(seeds);
    const logits = rewards.map(() => gaussian);
    const { steps } = await engine.train(
      {
        policy: { kind: 'tabular', logits },
        pairs: [],
        data: { kind: 'bradley-terry', rewards, sampler: logits, count: pairsEach * rewards.length, temperature: 0.1 },
        objective,
        optimizer: { ...adam(pairRate, rewards.length), steps: pairSteps },
        record: [0, pairSteps],
        seed,
      },
      run,
    );
    const reached = rewardsOf(at(steps, 1).outcomeLogps ?? [], rewards);
    return { near: reached.slice(0, seeds), far: reached.slice(seeds) };
  });
}

const pairWords = `A bandit of 100 bins, reference a discretised N(20, 20²), reward peaks at 20 and at 50; ${pairsEach} pairs of the reference’s samples a seed at each peak, labelled by σ(10 Δr); free logits, ${pairSteps} updates of Adam at ${pairRate}.`;
const dpo = { name: 'dpo', params: { beta: 0.1 } } as const;
const smallerGap = (near: Vector, far: Vector) =>
  comparisonOf(Math.min, { label: 'mean gap at the near peak', values: near }, { label: 'at the far peak', values: far });

const overWinners: Claim = {
  id: 'dpo-over-winners',
  paper: '2404.14367',
  where: 'negative gradient, with pairs',
  title: 'Pairs: pushing losers down pays',
  statement: `On the same pairs DPO earns on average at least 0.2 more than maximum likelihood of the winners after ${pairSteps} updates, at a near and at a far peak.`,
  exact: {
    tex: String.raw`\min_{\text{peak}}\big(E_{\pi^{\text{DPO}}}[r]-E_{\pi^{\text{winners}}}[r]\big)\ge0.2`,
    plain: 'smaller over both peaks of E[r] of DPO less E[r] of maximum likelihood, at least 0.2',
  },
  setup: `${pairWords} DPO with β = 0.1.`,
  measured: 'smaller over both peaks of DPO’s expected reward less that of maximum likelihood of the winners',
  requirement: {
    sense: 'at least',
    threshold: 0.2,
    of: 'mean',
    reason: `the page’s own choice: a fifth of the largest reward there is; ${slowly}`,
  },
  seeds: 5,
  expected: 'holds',
  async measure(engine, options) {
    const withLosers = await pairTraining(engine, options, dpo, partOf(options, 0, 2));
    const without = await pairTraining(engine, options, { name: 'sft' }, partOf(options, 1, 2));
    return smallerGap(minus(withLosers.near, without.near), minus(withLosers.far, without.far));
  },
};

const online: Claim = {
  id: 'reinforce-over-dpo',
  paper: '2404.14367',
  where: 'on-policy sampling',
  title: 'Sampling again pays more',
  statement: `After ${pairSteps} updates at ${pairRate}, REINFORCE on its own samples earns on average at least 0.1 more than DPO on the reference’s pairs, at a near and at a far peak.`,
  exact: {
    tex: String.raw`\min_{\text{peak}}\big(E_{\pi^{\text{REINFORCE}}}[r]-E_{\pi^{\text{DPO}}}[r]\big)\ge0.1`,
    plain: 'smaller over both peaks of E[r] of REINFORCE less E[r] of DPO, at least 0.1',
  },
  setup: `${pairWords} REINFORCE: 10 groups of 10 of the policy’s samples a round, 5 updates on each, as many updates in all.`,
  measured: 'smaller over both peaks of REINFORCE’s expected reward less DPO’s',
  requirement: {
    sense: 'at least',
    threshold: 0.1,
    of: 'mean',
    reason: `the page’s own choice: a tenth of the largest reward there is; ${slowly}`,
  },
  seeds: 5,
  expected: 'holds',
  async measure(engine, options) {
    const { seeds, seed = 1 } = options;
    const offline = await pairTraining(engine, options, dpo, partOf(options, 0, 2));
    const rewards = pairRewards(seeds);
    const { rounds: states } = await engine.trainOnPolicy(
      {
        policy: { kind: 'tabular', logits: rewards.map(() => gaussian) },
        rewards,
        method: { objective: { name: 'reinforce' } },
        sampling: { groups, n, rounds: pairSteps / updatesARound, updates: updatesARound },
        optimizer: adam(pairRate, rewards.length),
        seed,
      },
      partOf(options, 1, 2),
    );
    const reached = rewardsOf(at(states, pairSteps / updatesARound).outcomeLogps, rewards);
    return smallerGap(minus(reached.slice(0, seeds), offline.near), minus(reached.slice(seeds), offline.far));
  },
};

const [coarseBins, target, limitSteps] = [25, 10, 200];

/** The bandit with four bins in one; its reference is drawn anew for each seed. */
const coarseReference = (seed: number): number[] => {
  const fine = histogram(seed);
  return logSoftmax(Array.from({ length: coarseBins }, (_, a) => logSumExp(fine.slice(4 * a, 4 * a + 4))));
};
const coarseReward = (peak: number): number[] =>
  Array.from({ length: coarseBins }, (_, a) => Math.exp(-(((4 * a + 1.5 - peak) / 10) ** 2)));

/** Both peaks, seed by seed: IPO on all pairs of two draws from the reference, each with its probability, trained to the end. */
function unlimited(engine: ClaimEngine, options: ClaimOptions) {
  const seeds = seedsOf(options);
  return remember(engine, `unlimited ${seeds.join()}`, async () => {
    const rows = [70, 20].flatMap((peak) => seeds.map((seed) => ({ peak, reference: coarseReference(seed), rewards: coarseReward(peak) })));
    const drawn = rows.flatMap(({ reference, rewards }, prompt) =>
      rewards.flatMap((r, a) =>
        rewards.flatMap((other, b): Pair[] =>
          r > other ? [{ prompt, chosen: a, rejected: b, weight: Math.exp(at(reference, a) + at(reference, b)) }] : [],
        ),
      ),
    );
    // the loss is a mean over all pairs; made a sum, its curvature in a row of logits is at most twice the largest probability
    const pairs = drawn.map((pair): Pair => ({ ...pair, weight: (pair.weight ?? 0) * drawn.length }));
    const { steps } = await engine.train(
      {
        policy: { kind: 'tabular', logits: rows.map(({ reference }) => reference) },
        pairs,
        objective: { name: 'ipo_sum', params: { beta: 1 / (2 * target) } },
        optimizer: { kind: 'sgd', learningRate: 4, steps: limitSteps },
        record: [0, limitSteps],
      },
      options,
    );
    const logps = at(steps, 1).outcomeLogps ?? [];
    return rows.map((row, i) => ({ ...row, trained: logps.slice(i * coarseBins, (i + 1) * coarseBins) }));
  });
}

const unlimitedWords = `The bandit with four bins in one (${coarseBins} bins), its reference drawn anew as a histogram of 10,000 samples, and one more in each fine bin, for each seed, reward peaks at 70 and at 20; IPO with target ${target} on all pairs that two draws from the reference can give, weighted by their probability; ${limitSteps} steps of gradient descent.`;

const limit: Claim = {
  id: 'ipo-limit',
  paper: '2404.14367',
  where: 'offline IPO with unlimited data',
  title: 'Where offline IPO ends',
  statement: 'With unlimited offline data IPO converges to the reference tilted by how often an answer wins less how often it loses.',
  exact: {
    tex: String.raw`\pi\propto\pi_{\text{ref}}\,e^{\,b\,[P(\text{win})-P(\text{lose})]}`,
    plain: 'π ∝ π_ref exp(b [P(win) - P(lose)])',
  },
  setup: unlimitedWords,
  measured: 'largest difference of a log-probability from the closed form, over both peaks',
  scale: 'log',
  requirement: {
    sense: 'at most',
    threshold: 1e-3,
    of: 'each',
    reason: 'what 200 steps leave of a distance of 20 nats, and float32 rounds of log-probabilities below 32',
  },
  unit: 'nats',
  seeds: 8,
  expected: 'holds',
  async measure(engine, options) {
    const rows = await unlimited(engine, options);
    const distances = rows.map(({ reference, rewards, trained }) => {
      const exact = ipoLimit(reference, rewards, target);
      return worst(trained.map((logp, y) => logp - at(exact, y)));
    });
    return measurementOf(Array.from({ length: options.seeds }, (_, i) => Math.max(at(distances, i), at(distances, options.seeds + i))));
  },
};

const aboveCeiling: Claim = {
  id: 'ipo-above-ceiling',
  paper: '2404.14367',
  where: 'negative gradient, at convergence',
  title: 'The negative gradient ends higher',
  statement: `Trained to the end on unlimited offline data, IPO with a target of ${target} nats earns more than best-of-10 on the same data can, at both peaks.`,
  exact: {
    tex: String.raw`\min_{\text{peak}}\Big(E_{\pi^{\text{IPO}}_{\infty}}[r]-E_{y_1,\dots,y_{10}\sim\pi_{\text{ref}}}\big[\max_i r(y_i)\big]\Big)>0`,
    plain: 'smaller over both peaks of E[r] of IPO less the expected maximum of ten rewards, above 0',
  },
  setup: unlimitedWords,
  measured: 'smaller over both peaks of IPO’s expected reward less the ceiling of best-of-10',
  requirement: { sense: 'at least', threshold: 0.001, of: 'mean', reason: `above 0 by more than the training stops short; ${slowly}` },
  seeds: 8,
  expected: 'holds',
  async measure(engine, options) {
    const rows = await unlimited(engine, options);
    const gaps = rows.map(({ reference, rewards, trained }) => {
      const ceiling = bestOfN(reference, rewards, 10).reduce((sum, p, y) => sum + p * at(rewards, y), 0);
      return expectedReward(trained, rewards) - ceiling;
    });
    return comparisonOf(
      Math.min,
      { label: 'mean gap at the far peak', values: gaps.slice(0, options.seeds) },
      { label: 'at the near peak', values: gaps.slice(options.seeds) },
    );
  },
};

/** Mean of log π / π_ref of the best of n draws from the reference. */
export const winnersGain = (reference: Vector, rewards: Vector, trained: Vector, n: number): number =>
  bestOfN(reference, rewards, n).reduce((sum, p, y) => sum + p * (at(trained, y) - at(reference, y)), 0);

const smallGroups: Claim = {
  id: 'winners-of-two',
  paper: '2404.14367',
  where: 'the bandit’s implicit rewards, with unlimited data',
  title: 'Winners of small groups fall',
  statement:
    'Trained to the end on unlimited offline pairs, IPO with a target of 10 lowers the mean log-probability of the best of two draws and raises that of the best of ten: nothing is shared but the row.',
  exact: {
    tex: String.raw`\mathbb E_{y_w\text{ best of }2}\Big[\log\tfrac{\pi(y_w)}{\pi_{\text{ref}}(y_w)}\Big]\le-1,\qquad\mathbb E_{y_w\text{ best of }10}\Big[\log\tfrac{\pi(y_w)}{\pi_{\text{ref}}(y_w)}\Big]\ge1`,
    plain: 'E[log π(y_w) / π_ref(y_w)] at most -1 for the best of 2, at least 1 for the best of 10',
  },
  setup: unlimitedWords,
  measured: 'smaller over both peaks of: how far the best of two falls, and how far the best of ten rises',
  unit: 'nats',
  requirement: {
    sense: 'at least',
    threshold: 1,
    of: 'mean',
    reason: `the page’s own choice: a factor of e in the winners’ probability; ${slowly}`,
  },
  seeds: 8,
  expected: 'holds',
  async measure(engine, options) {
    const rows = await unlimited(engine, options);
    const gains = rows.map(({ reference, rewards, trained }) => [2, 3, 4, 10].map((n) => winnersGain(reference, rewards, trained, n)));
    const values = gains.map((gain) => Math.min(-at(gain, 0), at(gain, 3)));
    return measurementOf(
      Array.from({ length: options.seeds }, (_, i) => Math.min(at(values, i), at(values, options.seeds + i))),
      [2, 3, 4, 10].map((n, i) => ({ label: `mean log-ratio, best of ${n}`, value: mean(gains.map((gain) => at(gain, i))) })),
    );
  },
};

export const offlinePairsClaims: readonly Claim[] = [overWinners, online, limit, aboveCeiling, smallGroups];
