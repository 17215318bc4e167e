import { describe, expect, it } from 'vitest';
import { judgeMean, quantileBounds, seedsToShow, studentTail } from '../../src/atlas/verdict.ts';
import { judgeShare } from '../../src/index.ts';

/** P(from ≤ X ≤ to), X ~ Binomial(n, p), by products: another way than the one under test. */
function binomial(from: number, to: number, n: number, p: number): number {
  let sum = 0;
  for (let k = from; k <= to; k++) {
    let term = 1;
    for (let i = 0; i < k; i++) term *= (p * (n - i)) / (i + 1);
    sum += term * (1 - p) ** (n - k);
  }
  return sum;
}

describe('a share of all seeds', () => {
  it('is shown for 95 % by 59 of 59, and by no fewer', () => {
    expect(judgeShare(59, 59, 0.95)).toBe('holds');
    for (const n of [0, 1, 5, 30, 58]) expect(judgeShare(n, n, 0.95), String(n)).toBe('inconclusive');
    expect(seedsToShow(0.95)).toBe(59);
  });

  it('is judged as binomial sums say, both ways', () => {
    for (const share of [0.1, 0.5, 0.9, 0.95])
      for (const n of [1, 5, 20, 60])
        for (let k = 0; k <= n; k++) {
          const expected = binomial(k, n, n, share) <= 0.05 ? 'holds' : binomial(0, k, n, share) <= 0.05 ? 'does not hold' : 'inconclusive';
          expect(judgeShare(k, n, share), `${k} of ${n} for ${share}`).toBe(expected);
        }
  });

  it('of all can be refuted, not shown; of none always holds; counts that cannot be are refused', () => {
    expect(judgeShare(1000, 1000, 1)).toBe('inconclusive');
    expect(judgeShare(999, 1000, 1)).toBe('does not hold');
    expect(judgeShare(0, 3, 0)).toBe('holds');
    expect(() => judgeShare(4, 3, 0.5)).toThrow(RangeError);
  });
});

describe('a mean and a quantile', () => {
  it('are bounded by Student’s law', () => {
    // printed 95 % points of t
    for (const [degrees, t] of [
      [1, 6.3138],
      [2, 2.92],
      [3, 2.3534],
      [4, 2.1318],
      [7, 1.8946],
      [30, 1.6973],
    ] as const)
      expect(studentTail(t, degrees)).toBeCloseTo(0.05, 5);
    expect(judgeMean([0.7, 0.72, 0.68], 0.5)).toBe('holds');
    expect(judgeMean([0.3, 0.32, 0.28], 0.5)).toBe('does not hold');
    expect(judgeMean([0.2, 0.9, 0.5], 0.5)).toBe('inconclusive');
    expect(judgeMean([0.9], 0.5)).toBe('inconclusive');
  });

  it('are bounded by two of the values', () => {
    const values = Array.from({ length: 20 }, (_, i) => i + 1);
    const { low, high } = quantileBounds(values, 0.5);
    // the printed sign-test bound for 20 values: the 6th and the 15th, 97.9 % each; the 7th would leave 5.8 %
    expect([low, high]).toEqual([6, 15]);
    expect(quantileBounds([1, 2, 3], 0.5)).toEqual({ low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY });
  });
});
