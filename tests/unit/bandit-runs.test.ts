// @module-tag slow
import { expect, it } from 'vitest';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { runStudy } from '../../src/atlas/run-study.ts';
import { banditReward } from '../../src/atlas/toys/modes/bandit.ts';
import { authorsThreshold, banditRun, peaks, updatesARound } from '../../src/atlas/toys/modes/bandit-runs.ts';
import { expectedReward } from '../../src/core/exact.ts';
import { mean } from '../../src/core/numerics.ts';
import { openEngine } from '../../src/index.ts';

const seeds = 5;

/**
 * Mean expected reward at the far peak after 300 updates, deviation and number of seeds of an independent float64 implementation: online on
 * all pairs, the mean over the pairs of each group; with the threshold, the mean over all pairs that are left.
 */
const independent = {
  ipo: { online: [0.9958, 0.0044, 60], offline: [0.6662, 0.0219, 200], both: [0.957, 0.0126, 60] },
  dpo: { online: [0.9698, 0.0094, 60], offline: [0.632, 0.0231, 200], both: [0.8927, 0.0069, 60] },
} as const;

it.each(['ipo', 'dpo'] as const)('%s gains a third of the reward online, and less if the threshold holds there too', async (method) => {
  const engine = await openEngine({ backend: 'cpu' });
  const shared = { method, towards: ['far'] } as const;
  const arms = {
    online: banditRun({ ...shared, source: 'online' }),
    offline: banditRun({ ...shared, source: 'offline', threshold: authorsThreshold }),
    both: banditRun({ ...shared, source: 'online', threshold: authorsThreshold }),
  };
  for (const [arm, experiment] of Object.entries(arms)) {
    const rewards: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const { rounds } = await engine.trainOnPolicy({ ...experiment, seed });
      rewards.push(expectedReward(rounds[300 / updatesARound]?.outcomeLogps ?? [], banditReward(peaks.far)));
    }
    const [expected, deviation, others] = independent[method][arm as keyof typeof arms];
    // four standard errors of the difference of two means
    expect(Math.abs(mean(rewards) - expected), arm).toBeLessThan(4 * deviation * Math.sqrt(1 / seeds + 1 / others));
  }
  engine.dispose();
});

it('the baseline of REINFORCE loses at the far peak and gains a little at the near one', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { table } = await runStudy(await loadStudy('37-baseline'), engine, { seeds: 20 });
  engine.dispose();
  const lead = (peak: string): number => mean(table['mean']?.[peak] ?? []) - mean(table['minimum']?.[peak] ?? []);
  // independent runs of 20 seeds: -0.049 ± 0.011 and 0.005 ± 0.004
  expect(Math.abs(lead('far') + 0.049)).toBeLessThan(0.022);
  expect(Math.abs(lead('near') - 0.005)).toBeLessThan(0.008);
});
