import { expect, it } from 'vitest';
import { toyStart, toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { lossCurves } from '../../src/views/displacement/cause/loss-curve.ts';

const dpo = { name: 'dpo', params: { beta: 0.1 } } as const;

it('is computed once for a loss and a run, however often it is asked for', () => {
  const curveFor = lossCurves();
  const curve = curveFor(dpo, toyStart(toyVectors), 7.9);
  expect(curveFor(dpo, toyStart(toyVectors), 7.9)).toBe(curve);
  const others = [
    curveFor({ name: 'dpo', params: { beta: 0.5 } }, toyStart(toyVectors), 7.9),
    curveFor(dpo, toyStart(toyVectors), 9),
    curveFor(dpo, { ...toyStart(toyVectors), refChosen: -1 }, 7.9),
  ];
  for (const other of others) expect(other).not.toBe(curve);
});

it('falls through 33 points, and holds the dot', () => {
  const { line, dotAt } = lossCurves()(dpo, toyStart(toyVectors), 7.9);
  const places = line
    .slice(1)
    .split('L')
    .map((place) => place.split(' ').map(Number));
  expect(places.length).toBe(33);
  expect(places.map(([x]) => x)).toEqual(places.map((_, k) => 4 + 2 * k));
  for (const [k, [, y = 0]] of places.slice(1).entries()) expect(y).toBeGreaterThan(places[k]?.[1] ?? 0);
  const [x, y] = dotAt(3);
  const after = places.findIndex(([at = 0]) => at > x);
  expect(y).toBeGreaterThan(places[after - 1]?.[1] ?? Number.NaN);
  expect(y).toBeLessThan(places[after]?.[1] ?? Number.NaN);
});

it('stays inside its picture where the run of a loss has diverged', () => {
  const square = { expression: '(margin)^2', params: {} };
  for (const end of [1e3, 1e150, 1e160, -1e200]) {
    const { line, dotAt } = lossCurves()(square, toyStart(toyVectors), end);
    const heights = [...line.matchAll(/ ([^L]+)/g)].map(([, y]) => Number(y));
    expect(heights.length).toBe(33);
    for (const y of [...heights, dotAt(end)[1], dotAt(0)[1]]) {
      expect(y).toBeGreaterThanOrEqual(6);
      expect(y).toBeLessThanOrEqual(32);
    }
  }
});
