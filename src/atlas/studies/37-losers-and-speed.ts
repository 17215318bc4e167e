import { defineStudy } from '../study.ts';
import { authorsThreshold, type BanditRun, bandit, banditRun, rewardOf } from '../toys/modes/bandit-runs.ts';

const far = ['far'] as const;
const arm = (label: string, run: Pick<BanditRun, 'method' | 'threshold' | 'learningRate'>) => ({
  label,
  train: () => banditRun({ source: 'offline', towards: far, updates: 100, ...run }),
});

export const study = defineStudy<null>()({
  id: '37-losers-and-speed',
  finding: 'Pushing losers can find a far peak sooner',
  mechanism:
    'A loss that also pushes losers down moves mass away from where it lies, and can find a far peak sooner. Whether it does depends on which pairs it sees, and on the learning rate.',
  setup: `The bandit of 100 bins from the paper’s code, exact reference, free logits, reward with its peak at bin 70; each round draws 10 groups of 10 samples of the reference and makes 5 updates of Adam, 100 in all. Best-of-10, and IPO (target 10) on all pairs of a group or without those whose rewards differ by less than ${authorsThreshold}, at learning rates 0.05, 0.1, 0.2 and 0.5.`,
  headline: 'Methods with a negative gradient beat offline supervised ones where the reward’s peak has little likelihood.',
  leavesOut:
    'Free logits for the paper’s networks, and samples that are drawn anew each round, where the authors’ scripts keep one set; the one with the threshold is set to the peak at bin 20. On all pairs it is the other way round at rates of 0.05, 0.1 and 0.2: see “Often said”.',
  tex: String.raw`E_{\pi^{\text{IPO}}_{100}}[R_1]>E_{\pi^{\text{best-of-10}}_{100}}[R_1]`,
  provenance: 'our reading',
  parameters: {},
  toy: () => ({ experiment: bandit(), truth: null }),
  arms: {
    best05: arm('Best-of-10, rate 0.05', { method: 'best-of-n', learningRate: 0.05 }),
    best10: arm('Best-of-10, rate 0.1', { method: 'best-of-n', learningRate: 0.1 }),
    best20: arm('Best-of-10, rate 0.2', { method: 'best-of-n', learningRate: 0.2 }),
    best50: arm('Best-of-10, rate 0.5', { method: 'best-of-n', learningRate: 0.5 }),
    ipo05: arm('IPO, rate 0.05', { method: 'ipo', learningRate: 0.05 }),
    ipo10: arm('IPO, rate 0.1', { method: 'ipo', learningRate: 0.1 }),
    ipo20: arm('IPO, rate 0.2', { method: 'ipo', learningRate: 0.2 }),
    ipo50: arm('IPO, rate 0.5', { method: 'ipo', learningRate: 0.5 }),
    threshold: arm('IPO with the threshold, rate 0.05', { method: 'ipo', threshold: authorsThreshold }),
  },
  measures: { reward: { label: 'expected reward after 100 updates', of: (run) => rewardOf(run, 'far', far) } },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'negative-gradient-threshold',
      statement: `At the far peak, on the pairs whose rewards differ by ${authorsThreshold} or more, the threshold of the authors’ script, IPO is ahead of best-of-10 after 100 updates, both at a learning rate of 0.05.`,
      where: 'negative gradient, with the authors’ threshold',
      kind: 'empirical',
      refutedBy: 'a mean gap that is not above 0',
      left: ['threshold', 'reward'],
      right: ['best05', 'reward'],
      by: 'mean',
      bound: { atLeast: 1e-4 },
      because: 'the sign is the claim: above 0 by more than float32 rounds an expected reward',
      expected: 'holds',
    },
    {
      id: 'negative-gradient-rate',
      statement:
        'At the far peak, on all pairs, IPO is ahead of best-of-10 after 100 updates at a learning rate of 0.5, for IPO the best of 0.05, 0.1, 0.2 and 0.5; best-of-10 earns about the same at 0.2 as at 0.5.',
      where: 'negative gradient, each at its best learning rate',
      kind: 'toy',
      refutedBy: 'a mean gap that is not above 0',
      left: ['ipo50', 'reward'],
      right: ['best50', 'reward'],
      by: 'mean',
      bound: { atLeast: 1e-4 },
      because: 'the sign is the claim: above 0 by more than float32 rounds an expected reward',
      expected: 'holds',
    },
  ],
  seeds: { page: 20, test: 2 },
});
