import { expectedReward } from '../../core/exact.ts';
import type { Experiment } from '../../core/experiment.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type Run } from '../study.ts';
import { banditBins, banditReward } from '../toys/modes/bandit.ts';
import { adam, groups, n, updatesARound } from '../toys/modes/bandit-runs.ts';

/** A simpler reference: a discretised N(20, 20²); peak 20 is aligned with it, 50 is not. */
const gaussian = logSoftmax(Array.from({ length: banditBins }, (_, a) => -((a - 20) ** 2) / (2 * 20 ** 2)));
const rewards = [20, 50].map((peak) => banditReward(peak));
const logits = rewards.map(() => gaussian);
const [steps, rate, pairsEach] = [100, 0.06, 400];

const onPairs = (objective: Experiment['objective'], count: number): Experiment => ({
  policy: { kind: 'tabular', logits },
  pairs: [],
  data: { kind: 'bradley-terry', rewards, sampler: logits, count: count * rewards.length, temperature: 0.1 },
  objective,
  optimizer: { ...adam(rate, rewards.length), steps },
});
const rewardOf = (run: Run<null>, which: number): number => expectedReward(distributionsOf(run)[which] ?? [], rewards[which] ?? []);
const slowly = 'over few seeds: “95 % of all seeds” would take 59';

export const study = defineStudy<null>()({
  id: '37-pairs',
  finding: 'On these pairs, DPO beats copying the winners',
  mechanism:
    'On the same pairs of this bandit, a loss that pushes losers down earns more after 100 updates than likelihood of the winners. REINFORCE, which samples anew from the policy and sees the rewards, earns more than either.',
  setup:
    'A bandit of 100 bins, reference a discretised N(20, 20²), reward peaks at 20 and at 50; 400 pairs of the reference’s samples a seed at each peak, labelled by σ(10 Δr); free logits, 100 updates of Adam at 0.06. DPO with β = 0.1, likelihood of the winners, or REINFORCE: 10 groups of 10 of the policy’s samples a round, 5 updates on each, as many updates in all.',
  headline: 'On-policy samples and negative gradients are complementary: both help, and contrastive losses on on-policy data do best.',
  leavesOut:
    'Free logits and one state. The bandit is this page’s: the paper’s has another reference, its far peak at bin 70, and no chance in its labels; its REINFORCE makes one update on each set of samples.',
  tex: String.raw`\min_{\text{peak}}\big(E_{\pi^{\text{DPO}}}[r]-E_{\pi^{\text{winners}}}[r]\big)\ge0.2`,
  provenance: 'our reading',
  parameters: { pairs: { label: 'Pairs at each peak', symbol: 'P', min: 20, max: 2000, default: pairsEach, integer: true } },
  toy: (_, { pairs }) => ({ experiment: onPairs({ name: 'dpo', params: { beta: 0.1 } }, pairs), truth: null }),
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    winners: { label: 'Likelihood of the winners', train: ({ values: { pairs = pairsEach } }) => onPairs({ name: 'sft' }, pairs) },
    online: {
      label: 'REINFORCE on its own samples',
      train: () => ({
        policy: { kind: 'tabular', logits },
        rewards,
        method: { objective: { name: 'reinforce' } },
        sampling: { groups, n, rounds: steps / updatesARound, updates: updatesARound },
        optimizer: adam(rate, rewards.length),
      }),
    },
  },
  measures: {
    near: { label: 'expected reward, near peak', of: (run) => rewardOf(run, 0) },
    far: { label: 'expected reward, far peak', of: (run) => rewardOf(run, 1) },
  },
  plot: { kind: 'scatter', x: 'near', y: 'far' },
  claims: [
    {
      id: 'dpo-over-winners',
      statement:
        'On the same pairs DPO earns on average at least 0.2 more than maximum likelihood of the winners after 100 updates, at a near and at a far peak.',
      where: 'negative gradient, with pairs',
      kind: 'toy',
      refutedBy: 'a smaller mean gap at one of the peaks',
      left: ['dpo', 'near'],
      right: ['winners', 'near'],
      and: [{ left: ['dpo', 'far'], right: ['winners', 'far'] }],
      by: 'mean',
      bound: { atLeast: 0.2 },
      because: `the page’s own choice: a fifth of the largest reward there is; ${slowly}`,
      expected: 'holds',
    },
    {
      id: 'reinforce-over-dpo',
      statement:
        'After 100 updates at 0.06, REINFORCE on its own samples and their rewards earns on average at least 0.1 more than DPO on the reference’s pairs, at a near and at a far peak.',
      where: 'on-policy sampling',
      kind: 'toy',
      refutedBy: 'a smaller mean gap at one of the peaks',
      left: ['online', 'near'],
      right: ['dpo', 'near'],
      and: [{ left: ['online', 'far'], right: ['dpo', 'far'] }],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: `the page’s own choice: a tenth of the largest reward there is; ${slowly}`,
      expected: 'holds',
    },
  ],
  seeds: { page: 5, test: 2 },
});
