import { expect, it } from 'vitest';
import { eased, type MorphColumn, morphPath } from '../../src/views/displacement/picture/lens/lens-morph.ts';

const columns: readonly MorphColumn[] = [
  { x: 0, upper: 10, lower: 90, curve: 12 },
  { x: 50, upper: 40, lower: 90, curve: 20 },
  { x: 100, upper: 80, lower: 90, curve: 35 },
];
const placesOf = (path: string): number[][] =>
  path
    .slice(1, -1)
    .split('L')
    .map((place) => place.split(' ').map(Number));
/** Heights of the band from left to right. */
const heightsOf = (part: number): number[] => {
  const places = placesOf(morphPath(columns, part));
  return columns.map((_, k) => (places[places.length - 1 - k]?.[1] ?? Number.NaN) - (places[k]?.[1] ?? Number.NaN));
};

it('leads from the band to its answer’s curve', () => {
  expect(placesOf(morphPath(columns, 0))).toEqual([
    ...columns.map(({ x, upper }) => [x, upper]),
    ...columns.toReversed().map(({ x, lower }) => [x, lower]),
  ]);
  const line = columns.map(({ x, curve }) => [x, curve]);
  expect(placesOf(morphPath(columns, 1))).toEqual([...line, ...line.toReversed()]);
});

it('shrinks to the upper edge before that edge is the curve, and never grows on the way', () => {
  const parts = Array.from({ length: 21 }, (_, k) => k / 20);
  for (const [k, part] of parts.slice(1).entries())
    for (const [index, height] of heightsOf(part).entries())
      expect(height).toBeLessThanOrEqual((heightsOf(parts[k] ?? 0)[index] ?? 0) + 0.2); // numbers are rounded to tenths
  expect(heightsOf(0.6)).toEqual([0, 0, 0]);
  expect(placesOf(morphPath(columns, 0.6))[2]).not.toEqual([100, 35]);
});

it('eases in and out', () => {
  expect([eased(0), eased(0.5), eased(1)]).toEqual([0, 0.5, 1]);
  expect(eased(0.1)).toBeLessThan(0.1);
  expect(eased(0.9)).toBeGreaterThan(0.9);
});
