import { defineStudy } from '../study.ts';
import { type BanditRun, bandit, banditRun, rewardOf } from '../toys/modes/bandit-runs.ts';

const far = ['far'] as const;
const arm = (label: string, run: BanditRun) => ({ label, train: () => banditRun({ towards: far, ...run }) });

export const study = defineStudy<null>()({
  id: 'often-offline-data',
  finding: 'Offline speed depends on pairs, rate and data',
  mechanism:
    'Whether an offline loss is fast depends on settings that are easily left unsaid: which pairs it sees, at which learning rate, and whether its data is drawn once or afresh.',
  setup:
    'The bandit of 100 bins, exact reference, free logits, reward with its peak at bin 70; 10 groups of 10 samples of the reference and 5 updates of Adam at 0.05 a round. Best-of-10 and IPO (target 10) on all 45 pairs of a group for 100 updates; IPO for 300 on fresh samples each round, or on the first round’s, kept.',
  leavesOut: 'Free logits, one state, and one learning rate.',
  tex: String.raw`E_{\pi^{\text{IPO}}_{100}}[R_1]\overset{?}{>}E_{\pi^{\text{best-of-10}}_{100}}[R_1]`,
  provenance: 'our reading',
  parameters: {
    rate: { label: 'Learning rate', symbol: '\\eta', path: 'optimizer.learningRate', min: 0.01, max: 0.5, default: 0.05 },
  },
  toy: () => ({ experiment: bandit(), truth: null }),
  arms: {
    best: arm('Best-of-10, 100 updates', { method: 'best-of-n', source: 'offline', updates: 100 }),
    ipo: arm('IPO, 100 updates', { method: 'ipo', source: 'offline', updates: 100 }),
    fresh: arm('IPO, fresh samples', { method: 'ipo', source: 'offline' }),
    fixed: arm('IPO, one data set', { method: 'ipo', source: 'fixed' }),
  },
  measures: { reward: { label: 'expected reward', of: (run) => rewardOf(run, 'far', far) } },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'negative-gradient-early',
      statement:
        'At the far peak, on all pairs of the same offline samples with the same learning rate, IPO, which also pushes losers down, is ahead of best-of-10 after 100 updates.',
      where: 'arXiv:2404.14367, negative gradient, at one learning rate, on all pairs',
      kind: 'toy',
      refutedBy: 'a mean gap that is not above 0',
      left: ['ipo', 'reward'],
      right: ['best', 'reward'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead:
        'It depends on two settings. Nine of ten pairs here compare rewards less than 0.2 apart, mostly both near 0. Left out, as by the authors’ script, IPO is ahead; and on all pairs it is ahead, too, with the best of four learning rates for each.',
    },
    {
      id: 'fixed-data',
      statement:
        'At the far peak, offline IPO on all pairs reaches on average more reward after 300 updates on one fixed data set, as in the authors’ script, than on fresh samples each round.',
      where: 'arXiv:2404.14367, offline data, drawn once or afresh',
      kind: 'toy',
      refutedBy: 'a mean gap that is not above 0',
      left: ['fixed', 'reward'],
      right: ['fresh', 'reward'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 10, test: 2 },
});
