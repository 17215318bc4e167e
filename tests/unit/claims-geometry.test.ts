// @module-tag slow
import { expect, it } from 'vitest';
import { authorsThreshold, tableRuns } from '../../src/atlas/studies/on-policy.ts';
import { mean } from '../../src/core/numerics.ts';
import { openEngine } from '../../src/index.ts';

const seeds = 5;

/**
 * Mean E[R₁] after 300 updates, deviation and number of seeds of an independent float64 implementation: online on all pairs, the mean over
 * the pairs of each group; with the threshold, the mean over all pairs that are left.
 */
const independent = {
  ipo: { online: [0.9958, 0.0044, 60], offline: [0.6662, 0.0219, 200], both: [0.957, 0.0126, 60] },
  dpo: { online: [0.9698, 0.0094, 60], offline: [0.632, 0.0231, 200], both: [0.8927, 0.0069, 60] },
} as const;

it.each(['ipo', 'dpo'] as const)('%s gains a third of the reward online, and less if the threshold holds there too', async (method) => {
  const engine = await openEngine({ backend: 'cpu' });
  const shared = { method, peaks: ['R1'] } as const;
  const runs = await tableRuns(engine, { seeds }, [
    { ...shared, source: 'online' },
    { ...shared, source: 'offline', threshold: authorsThreshold },
    { ...shared, source: 'online', threshold: authorsThreshold },
  ]);
  engine.dispose();
  for (const [i, arm] of (['online', 'offline', 'both'] as const).entries()) {
    const [expected, deviation, others] = independent[method][arm];
    // four standard errors of the difference of two means
    const allowed = 4 * deviation * Math.sqrt(1 / seeds + 1 / others);
    expect(Math.abs(mean(runs[i]?.('R1', 300) ?? []) - expected), arm).toBeLessThan(allowed);
  }
});
