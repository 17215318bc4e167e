import { defineStudy } from '../study.ts';
import { type BanditRun, bandit, banditRun, rewardOf } from '../toys/modes/bandit-runs.ts';

const arm = (label: string, method: BanditRun['method']) => ({
  label,
  train: () => banditRun({ method, source: 'online', updates: 50 }),
});

export const study = defineStudy<null>()({
  id: '37-baseline',
  finding: 'Far off, the minimum was the faster baseline',
  mechanism:
    'With the mean of a group as its baseline, REINFORCE pushes samples below the mean down: a negative gradient. With the minimum as the baseline no sample has a negative weight.',
  setup:
    'The bandit of 100 bins from the paper’s code, exact reference, free logits; each round draws 10 groups of 10 samples of the policy and makes 5 updates of Adam at 0.05, 50 in all. REINFORCE with the mean, and with the minimum, of each group taken off; reward with its peak at bin 70 (far) or 20 (near).',
  leavesOut:
    'Five updates on each set of samples, where the paper’s REINFORCE makes one; for the minimum as baseline the paper gives no number. The authors’ code divides rewards by their running deviation, and takes off the least of all samples of a round instead of each group’s.',
  tex: String.raw`\big(E_{\pi^{\bar r}_{50}}-E_{\pi^{\min r}_{50}}\big)[R_1]>\big(E_{\pi^{\bar r}_{50}}-E_{\pi^{\min r}_{50}}\big)[R_2]`,
  provenance: 'our reading',
  parameters: {
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.01, max: 0.5, default: 0.05 },
  },
  toy: () => ({ experiment: bandit(), truth: null }),
  arms: { mean: arm('Rewards less the mean', 'reinforce'), minimum: arm('Rewards less the minimum', 'reinforce-minimum') },
  measures: {
    far: { label: 'expected reward, far peak', of: (run) => rewardOf(run, 'far') },
    near: { label: 'expected reward, near peak', of: (run) => rewardOf(run, 'near') },
    lead: { label: 'expected reward at the far peak less that at the near one', of: (run) => rewardOf(run, 'far') - rewardOf(run, 'near') },
  },
  plot: { kind: 'scatter', x: 'near', y: 'far' },
  claims: [
    {
      id: 'reinforce-baseline',
      statement:
        'With the minimum of a group as the baseline in place of its mean, so that no sample has a negative weight, REINFORCE loses more at the far peak than at the near one.',
      where: 'the negative gradient in REINFORCE',
      kind: 'toy',
      refutedBy: 'a mean difference of the losses that is not above 0',
      left: ['mean', 'lead'],
      right: ['minimum', 'lead'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim; the paper gives no number',
      expected: 'does not hold',
      instead:
        'It is the other way round. On average, at the far peak rewards less the minimum are clearly ahead after 50 updates, by about 0.06; at the near peak both are within 0.01 of each other.',
    },
  ],
  seeds: { page: 20, test: 4 },
});
