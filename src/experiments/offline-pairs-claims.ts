import { logSoftmax } from '../core/exact.ts';
import type { RunOptions } from '../core/experiment.ts';
import { mean } from '../core/numerics.ts';
import { banditBins, banditReward } from './bandit.ts';
import { type Claim, type ClaimEngine, type ClaimOptions, measurementOf, partOf } from './claim.ts';
import { at, remember, type Vector } from './claim-tools.ts';
import { adam, groups, n, rewardsOf, updatesARound } from './on-policy-claims.ts';

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

const pairWords = `A bandit of 100 bins, reference a discretised N(20, 20²), reward peaks at 20 and at 50; ${pairsEach} pairs of the reference’s samples a seed, labelled by σ(10 Δr); free logits, ${pairSteps} updates of Adam at ${pairRate}.`;
const dpo = { name: 'dpo', params: { beta: 0.1 } } as const;

const overWinners: Claim = {
  id: 'dpo-over-winners',
  paper: '2404.14367',
  where: 'section 5.2, with pairs',
  title: 'Pairs: pushing losers down pays',
  statement: 'On the same pairs DPO earns at least 0.2 more than maximum likelihood of the winners, at a near and at a far peak.',
  exact: {
    tex: String.raw`\min_{\text{peak}}\big(E_{\pi^{\text{DPO}}}[r]-E_{\pi^{\text{winners}}}[r]\big)\ge0.2`,
    plain: 'smaller over both peaks of E[r] of DPO less E[r] of maximum likelihood, at least 0.2',
  },
  setup: `${pairWords} DPO with β = 0.1.`,
  measured: 'smaller over both peaks of DPO’s expected reward less that of maximum likelihood of the winners',
  requirement: { sense: 'at least', threshold: 0.2, of: 0.95, reason: 'a fifth of the largest reward there is' },
  seeds: 5,
  expected: 'holds',
  async measure(engine, options) {
    const withLosers = await pairTraining(engine, options, dpo, partOf(options, 0, 2));
    const without = await pairTraining(engine, options, { name: 'sft' }, partOf(options, 1, 2));
    const gap = (peak: 'near' | 'far'): number[] => withLosers[peak].map((value, seed) => value - at(without[peak], seed));
    const [near, far] = [gap('near'), gap('far')];
    return measurementOf(
      near.map((value, seed) => Math.min(value, at(far, seed))),
      [
        { label: 'mean gap at the near peak', value: mean(near) },
        { label: 'at the far peak', value: mean(far) },
      ],
    );
  },
};

const online: Claim = {
  id: 'reinforce-over-dpo',
  paper: '2404.14367',
  where: 'sections 5.1 and 5.2',
  title: 'Sampling again pays more',
  statement: 'REINFORCE on its own samples earns at least 0.1 more than DPO on the reference’s pairs, at a near and at a far peak.',
  exact: {
    tex: String.raw`\min_{\text{peak}}\big(E_{\pi^{\text{REINFORCE}}}[r]-E_{\pi^{\text{DPO}}}[r]\big)\ge0.1`,
    plain: 'smaller over both peaks of E[r] of REINFORCE less E[r] of DPO, at least 0.1',
  },
  setup: `${pairWords} REINFORCE: 10 groups of 10 of the policy’s samples a round, 5 updates on each, as many updates in all.`,
  measured: 'smaller over both peaks of REINFORCE’s expected reward less DPO’s',
  requirement: { sense: 'at least', threshold: 0.1, of: 0.95, reason: 'a tenth of the largest reward there is' },
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
        method: { kind: 'reinforce' },
        sampling: { groups, n, rounds: pairSteps / updatesARound, updates: updatesARound },
        optimizer: adam(pairRate, rewards.length),
        seed,
      },
      partOf(options, 1, 2),
    );
    const reached = rewardsOf(at(states, pairSteps / updatesARound).outcomeLogps, rewards);
    const gap = (own: Vector, other: Vector): number[] => own.map((value, i) => value - at(other, i));
    const [near, far] = [gap(reached.slice(0, seeds), offline.near), gap(reached.slice(seeds), offline.far)];
    return measurementOf(
      near.map((value, i) => Math.min(value, at(far, i))),
      [
        { label: 'mean gap at the near peak', value: mean(near) },
        { label: 'at the far peak', value: mean(far) },
      ],
    );
  },
};

export const offlinePairsClaims: readonly Claim[] = [overWinners, online];
