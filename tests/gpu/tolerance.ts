import { expect } from 'vitest';

/** Unit roundoff of float32: half the distance from 1 to the next number. */
export const float32Roundoff = 2 ** -24;

/** Fails with the worst element unless |actual - expected| <= bound(i) everywhere; NaN and infinities must agree exactly. */
export function expectWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: (index: number) => number,
  what = 'values',
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = { ratio: 0, index: -1 };
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] as number, expected[i] as number];
    const same = Object.is(a, e) || a === e;
    const ratio = same ? 0 : Number.isFinite(a) && Number.isFinite(e) ? Math.abs(a - e) / bound(i) : Number.POSITIVE_INFINITY;
    if (!(ratio <= worst.ratio)) worst = { ratio, index: i };
  }
  const { ratio, index } = worst;
  const detail = index < 0 ? '' : ` worst at ${index}: got ${actual[index]}, expected ${expected[index]}, bound ${bound(index)}`;
  expect(ratio, `${what}:${detail}`).toBeLessThanOrEqual(1);
}
