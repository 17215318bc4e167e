import { describe, expect, test } from 'vitest';
import { Draws } from '../../../src/atlas/toys/draws.ts';
import { carriedLabels, distancesOf, distortion, gromovWasserstein } from '../../../src/atlas/toys/transport.ts';

const [count, other] = [6, 4];
const draws = new Draws(11);
const cloud = draws.normalRows(count, 2);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Σ Π_ij Π_kl (D_ik - E_jl)², term by term. */
function byTerms(first: readonly (readonly number[])[], second: readonly (readonly number[])[], coupling: readonly (readonly number[])[]) {
  let total = 0;
  for (const [i, row] of coupling.entries())
    for (const [j, here] of row.entries())
      for (const [k, others] of coupling.entries())
        for (const [l, there] of others.entries()) total += here * there * ((first[i]?.[k] ?? 0) - (second[j]?.[l] ?? 0)) ** 2;
  return total;
}

describe('the distortion of a coupling', () => {
  test('is the sum over pairs of pairs, for clouds of two sizes', () => {
    const [first, second] = [distancesOf(cloud), distancesOf(draws.normalRows(other, 3))];
    const raw = Array.from({ length: count }, () => Array.from({ length: other }, () => draws.uniform()));
    const coupling = raw.map((row) => row.map((value) => value / sum(raw.flat())));
    // sums of fewer than 1000 terms below 20
    expect(Math.abs(distortion(first, second, coupling) - byTerms(first, second, coupling))).toBeLessThan(1e-11);
  });

  test('is 0 where points go to themselves', () => {
    const distances = distancesOf(cloud);
    const itself = cloud.map((_, i) => cloud.map((__, j) => Number(i === j) / count));
    expect(Math.abs(distortion(distances, distances, itself))).toBeLessThan(1e-13);
  });
});

describe('Gromov–Wasserstein', () => {
  const order = draws.permutation(count);
  const angle = 0.7;
  const turned = order.map((i) => {
    const [x = 0, y = 0] = cloud[i] ?? [];
    return [Math.cos(angle) * x - Math.sin(angle) * y, Math.sin(angle) * x + Math.cos(angle) * y, 3];
  });
  const coupling = gromovWasserstein(new Draws(2), distancesOf(cloud), distancesOf(turned));

  test('has even marginals', () => {
    for (let j = 0; j < count; j++) expect(Math.abs(sum(coupling.map((row) => row[j] ?? 0)) - 1 / count)).toBeLessThan(1e-14);
    // Sinkhorn's sweeps end with the columns; at ε = 0.01 thirty of them leave rows this far off at most
    for (const row of coupling) expect(Math.abs(sum(row) - 1 / count)).toBeLessThan(0.01 / count);
  });

  test('finds a shape again that is turned and in another order', () => {
    for (const [j, i] of order.entries()) {
      const column = coupling.map((row) => row[j] ?? 0);
      expect(column.indexOf(Math.max(...column))).toBe(i);
    }
  });

  test('carries labels over as probabilities, in the targets’ order', () => {
    const labels = cloud.map(([a = 0]) => cloud.map(([b = 0]) => (1 + Math.sign(a - b)) / 2));
    const carried = carriedLabels(labels, coupling);
    for (const [i, from] of order.entries())
      for (const [j, to] of order.entries()) {
        expect(carried[i]?.[j]).toBeGreaterThanOrEqual(0);
        expect(carried[i]?.[j]).toBeLessThanOrEqual(1 + 1e-12);
        if (i !== j) expect((carried[i]?.[j] ?? 0) > 0.5).toBe((labels[from]?.[to] ?? 0) > 0.5);
      }
  });
});
