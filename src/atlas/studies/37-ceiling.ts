import { bestOfN } from '../../core/exact.ts';
import { defineStudy } from '../study.ts';
import { banditReference, banditReward } from '../toys/modes/bandit.ts';
import { bandit, banditRun, n, type Peak, peaks, rewardOf } from '../toys/modes/bandit-runs.ts';

/** Expected reward of the best of ten samples of the reference. */
const ceilingOf = (peak: Peak): number => {
  const rewards = banditReward(peaks[peak]);
  return bestOfN(banditReference(), rewards, n).reduce((sum, p, y) => sum + p * (rewards[y] ?? Number.NaN), 0);
};

export const study = defineStudy<null>()({
  id: '37-ceiling',
  finding: 'Offline best-of-ten ends at its groups’ best',
  mechanism:
    'Offline best-of-10 learns from the best of each group alone, and with free logits ends at the mean of their rewards, however long it trains.',
  setup:
    'The bandit of 100 bins from the paper’s code, exact reference, free logits; 100 groups of 10 samples of the reference, drawn once, 300 updates of Adam at 0.05; both peaks.',
  leavesOut: 'Free logits: a network generalises from bin to bin.',
  tex: String.raw`\lim_{\text{groups}\to\infty}\,\lim_{t\to\infty}E_{\pi_t}[r]=E_{y_1,\dots,y_{10}\sim\pi_{\text{ref}}}\big[\max_i r(y_i)\big]`,
  provenance: 'our reading',
  parameters: {
    groups: { label: 'Groups of samples', symbol: 'P', path: 'sampling.groups', min: 5, max: 200, default: 100, integer: true },
  },
  toy: () => ({ experiment: bandit(), truth: null }),
  arms: {
    best: {
      label: 'Best-of-10, offline',
      train: ({ values: { groups = 100 } }) => ({
        ...banditRun({ method: 'best-of-n', source: 'offline' }),
        sampling: { groups, n, rounds: 1, updates: 300, source: 'start' },
      }),
    },
  },
  measures: {
    far: { label: 'expected reward, far peak', of: (run) => rewardOf(run, 'far') },
    near: { label: 'expected reward, near peak', of: (run) => rewardOf(run, 'near') },
    distance: {
      label: 'larger distance from the ceiling of the two peaks, 0.3135 (far) and 0.9401 (near)',
      of: (run) => Math.max(...(['far', 'near'] as const).map((peak) => Math.abs(rewardOf(run, peak) - ceilingOf(peak)))),
    },
  },
  plot: { kind: 'scatter', x: 'near', y: 'far' },
  claims: [
    {
      id: 'best-of-n-ceiling',
      statement:
        'Trained to the end with free logits, offline best-of-10 earns the mean of its groups’ best rewards; with ever more groups that is the expected reward of the best of ten samples of the reference.',
      where: 'offline best-of-N',
      kind: 'toy',
      refutedBy: 'a larger median distance',
      left: ['best', 'distance'],
      by: { quantile: 0.5 },
      bound: { atMost: 0.13 },
      because:
        'more than three standard errors of the mean of 100 best rewards, whose deviation is 0.37 at the far peak; over few seeds: “95 % of all seeds” would take 59',
      expected: 'holds',
    },
  ],
  seeds: { page: 10, test: 5 },
});
