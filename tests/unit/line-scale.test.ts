import { scaleLinear } from 'd3';
import { expect, it } from 'vitest';
import { lineScale } from '../../src/charts/line-scale.ts';

it.each([
  { domain: [0, 200], ends: [44, 700] },
  { domain: [-3, 5], ends: [180, 20] },
] as const)('stands where d3 has $domain on $ends, and back', ({ domain, ends }) => {
  const [ours, theirs] = [lineScale(domain, ends), scaleLinear(domain, ends)];
  for (const value of [-7, 0, 0.25, 3, 199.5]) {
    expect(ours(value)).toBeCloseTo(theirs(value), 9);
    expect(ours.invert(ours(value))).toBeCloseTo(value, 9);
  }
  expect(ours.ends).toEqual(ends);
});

it('keeps what explodes within what a drawing can hold', () => {
  const y = lineScale([0, 1], [180, 20]);
  for (const value of [1e39, -1e39, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) expect(Math.abs(y(value))).toBe(1e6);
  expect(y(Number.NaN)).toBeNaN();
});
