import { expect, it } from 'vitest';
import { claims } from '../../src/atlas/claims.ts';
import { winnersGain } from '../../src/atlas/studies/offline-pairs.ts';
import { banditReference, banditReward } from '../../src/atlas/toys/bandit.ts';
import { ipoLimit } from '../../src/atlas/toys/ipo-limit.ts';
import { openEngine } from '../../src/index.ts';

it('winners of small groups fall in IPO’s limit, and those of ten rise', () => {
  // an independent float64 evaluation of π ∝ π_ref e^{10 [P(win) - P(lose)]}
  for (const [peak, gains] of [
    [70, [-3.6726, -2.0053, -1.0057, 1.1749]],
    [20, [-3.6495, -1.9861, -0.9892, 1.1732]],
  ] as const) {
    const [reference, rewards] = [banditReference(), banditReward(peak)];
    const limit = ipoLimit(reference, rewards, 10);
    for (const [i, n] of [2, 3, 4, 10].entries()) expect(winnersGain(reference, rewards, limit, n)).toBeCloseTo(gains[i] ?? Number.NaN, 4);
  }
});

it('the baseline of REINFORCE loses at the far peak and gains a little at the near one', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { facts } = (await claims.find(({ id }) => id === 'reinforce-baseline')?.measure(engine, { seeds: 20 })) ?? { facts: [] };
  engine.dispose();
  // independent runs of 20 seeds: -0.049 ± 0.011 and 0.005 ± 0.004
  expect(Math.abs((facts[0]?.value ?? Number.NaN) + 0.049)).toBeLessThan(0.022);
  expect(Math.abs((facts[1]?.value ?? Number.NaN) - 0.005)).toBeLessThan(0.008);
});
