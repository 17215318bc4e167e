import { expect, it } from 'vitest';
import { banditReference, banditReward } from '../../src/atlas/toys/modes/bandit.ts';
import { ipoLimit, winnersGain } from '../../src/atlas/toys/modes/ipo-limit.ts';

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
