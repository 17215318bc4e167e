import { mean } from '../core/numerics.ts';

export type VerdictKind = 'holds' | 'does not hold' | 'inconclusive';

/** Error on each side that a verdict may have. */
const level = 0.05;

/** P(X ≤ k) for X ~ Binomial(n, p), 0 < p < 1, by the sum of its terms. */
function binomialAtMost(k: number, n: number, p: number): number {
  let term = n * Math.log1p(-p);
  let sum = Math.exp(term);
  for (let i = 1; i <= k; i++) {
    term += Math.log((n - i + 1) / i) + Math.log(p) - Math.log1p(-p);
    sum += Math.exp(term);
  }
  return sum;
}

/**
 * Judges "at least `share` of all seeds" from `reached` of `total`, by the exact one-sided Clopper-Pearson bound of 95 % each way: 59 of 59
 * hold for 0.95, 58 of 58 are inconclusive. A share of 1 can be refuted, and never shown.
 */
export function judgeShare(reached: number, total: number, share: number): VerdictKind {
  if (!(Number.isInteger(total) && Number.isInteger(reached) && reached >= 0 && reached <= total && share >= 0 && share <= 1))
    throw new RangeError(`There is no share of ${share} in ${reached} of ${total}.`);
  if (share === 0) return 'holds';
  if (share === 1) return reached < total ? 'does not hold' : 'inconclusive';
  if (binomialAtMost(total - reached, total, 1 - share) <= level) return 'holds';
  return binomialAtMost(reached, total, share) <= level ? 'does not hold' : 'inconclusive';
}

/** P(T ≥ t) of Student's law with a whole number of degrees of freedom, by its finite series (Abramowitz and Stegun 26.7.3 and 26.7.4). */
export function studentTail(t: number, degrees: number): number {
  const angle = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(angle);
  const odd = degrees % 2;
  let term = odd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < degrees; k += 2) {
    term *= (cosine ** 2 * (k - 1)) / k;
    sum += term;
  }
  const within = odd ? (2 / Math.PI) * (angle + Math.sin(angle) * sum) : Math.sin(angle) * sum;
  return (1 - within) / 2;
}

/** Judges "the mean is at least `threshold`" by Student's interval, one-sided, 95 % each way. Fewer than two values decide nothing. */
export function judgeMean(values: readonly number[], threshold: number): VerdictKind {
  const total = values.length;
  if (total < 2) return 'inconclusive';
  const middle = mean(values);
  const error = Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (total - 1) / total);
  if (error === 0) return middle >= threshold ? 'holds' : 'does not hold';
  const tail = studentTail((middle - threshold) / error, total - 1);
  return tail <= level ? 'holds' : tail >= 1 - level ? 'does not hold' : 'inconclusive';
}

/**
 * Bounds of the `part` quantile, each wrong in at most `risk` of all samples (5 %), which are two of the values (order statistics):
 * whatever law they come from. Infinite on a side where there are too few values.
 */
export function quantileBounds(values: readonly number[], part: number, risk = level): { low: number; high: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const total = sorted.length;
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const [index, value] of sorted.entries()) {
    if (binomialAtMost(index, total, part) <= risk) low = value;
    if (high === Number.POSITIVE_INFINITY && 1 - binomialAtMost(index, total, part) <= risk) high = value;
  }
  return { low, high };
}

/** Judges "the `part` quantile is at least `threshold`" by its bounds. */
export function judgeQuantile(values: readonly number[], part: number, threshold: number): VerdictKind {
  const { low, high } = quantileBounds(values, part);
  return low >= threshold ? 'holds' : high < threshold ? 'does not hold' : 'inconclusive';
}

/**
 * Judges "the `part` quantile of one list is at least `threshold` above that of another" by the bounds of either, each of which may be
 * wrong half as often, so that both together are in 95 % of all samples right.
 */
export function judgeQuantileGap(left: readonly number[], right: readonly number[], part: number, threshold: number): VerdictKind {
  const [a, b] = [quantileBounds(left, part, level / 2), quantileBounds(right, part, level / 2)];
  return a.low - b.high >= threshold ? 'holds' : a.high - b.low < threshold ? 'does not hold' : 'inconclusive';
}

/** The `part` quantile of a sample, straight between the two values that it lies between. */
export function quantileOf(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? Number.NaN;
  return low + (place % 1) * ((sorted[Math.ceil(place)] ?? Number.NaN) - low);
}

/** The fewest seeds that can show a share, all of them on the right side. Infinity for a share of 1. */
export const seedsToShow = (share: number): number => Math.ceil(Math.log(level) / Math.log(share));
