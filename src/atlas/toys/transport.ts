import { norm } from '../../core/vectors.ts';
import type { Draws } from './draws.ts';
import { subtract } from './scorer.ts';

/** [i][j] how far point i is from point j, in units of the mean over all i and j. */
export function distancesOf(points: readonly (readonly number[])[]): number[][] {
  const all = points.map((a) => points.map((b) => norm(subtract(a, b))));
  const mean = all.flat().reduce((sum, value) => sum + value, 0) / points.length ** 2;
  return all.map((row) => row.map((value) => value / mean));
}

/** Mass that goes from each point of the first cloud to each of the second: rows sum to 1 / N, columns to 1 / M. */
export type Coupling = readonly (readonly number[])[];

/** Σ Π_ij Π_kl (D_ik - E_jl)² at a fixed (i, j), the gradient of half of it: (D² p)_i + (E² q)_j - 2 (D Π E)_ij. */
function costsOf(first: Coupling, second: Coupling, coupling: Coupling): number[][] {
  const ofRow = coupling.map((row) => row.reduce((sum, mass) => sum + mass, 0));
  const ofColumn = second.map((_, j) => coupling.reduce((sum, row) => sum + (row[j] as number), 0));
  const moved = coupling.map((row) =>
    second.map((_, l) => row.reduce((sum, mass, j) => sum + mass * ((second[j] as readonly number[])[l] as number), 0)),
  );
  const own = first.map((row) => row.reduce((sum, d, k) => sum + d ** 2 * (ofRow[k] as number), 0));
  const other = second.map((row) => row.reduce((sum, d, l) => sum + d ** 2 * (ofColumn[l] as number), 0));
  return first.map((row, i) =>
    second.map((_, j) => {
      const cross = row.reduce((sum, d, k) => sum + d * ((moved[k] as number[])[j] as number), 0);
      return (own[i] as number) + (other[j] as number) - 2 * cross;
    }),
  );
}

/** How much distances change on the way: Σ Π_ij Π_kl (D_ik - E_jl)², 0 where the coupling is an isometry. */
export const distortion = (first: Coupling, second: Coupling, coupling: Coupling): number =>
  costsOf(first, second, coupling).reduce(
    (sum, row, i) => sum + row.reduce((total, cost, j) => total + cost * ((coupling[i] as readonly number[])[j] as number), 0),
    0,
  );

const sweeps = 30;

/** The coupling that costs least, with an entropy of weight ε, by Sinkhorn's sweeps: even marginals, the columns' to rounding. */
function coupledAt(costs: readonly (readonly number[])[], epsilon: number): number[][] {
  const [rows, columns] = [costs.length, costs[0]?.length ?? 0];
  // what a row has in common does not matter to it, and without it no row vanishes
  const kernel = costs.map((row) => {
    const least = Math.min(...row);
    return row.map((cost) => Math.exp((least - cost) / epsilon));
  });
  const scale = new Array<number>(rows).fill(1);
  let across = new Array<number>(columns).fill(1);
  for (let sweep = 0; sweep <= sweeps; sweep++) {
    if (sweep > 0)
      for (const [i, row] of kernel.entries())
        scale[i] = 1 / rows / (row.reduce((sum, value, j) => sum + value * (across[j] as number), 0) + Number.MIN_VALUE);
    across = across.map((_, j) => {
      const mass = kernel.reduce((sum, row, i) => sum + (row[j] as number) * (scale[i] as number), 0);
      return 1 / columns / (mass + Number.MIN_VALUE);
    });
  }
  return kernel.map((row, i) => row.map((value, j) => (scale[i] as number) * value * (across[j] as number)));
}

/**
 * The coupling of two clouds, given by their distances within, that changes distances least: entropic Gromov–Wasserstein, each round the
 * cheapest coupling at the costs of the one before it. From several uneven starts, of which the least distorting end is kept: the
 * problem is not convex. On the CPU, in 64-bit numbers.
 */
export function gromovWasserstein(
  draws: Draws,
  first: Coupling,
  second: Coupling,
  { restarts = 8, rounds = 40 }: { readonly restarts?: number; readonly rounds?: number } = {},
): number[][] {
  let [best, least]: [number[][], number] = [[], Number.POSITIVE_INFINITY];
  for (let restart = 0; restart < restarts; restart++) {
    const uneven = first.map(() => second.map(() => 1 + 0.5 * draws.uniform()));
    const total = uneven.flat().reduce((sum, value) => sum + value, 0);
    let coupling = uneven.map((row) => row.map((value) => value / total));
    for (let round = 0; round < rounds; round++) coupling = coupledAt(costsOf(first, second, coupling), round < rounds / 2 ? 0.05 : 0.01);
    const now = distortion(first, second, coupling);
    if (now < least) [best, least] = [coupling, now];
  }
  return best;
}

/**
 * [i][j] how probable it is that target i is the better of i and j, from such labels of the sources: M² Πᵀ Y Π. Entries of Π are about
 * 1 / (N M), so without the factor these would be no probabilities.
 */
export function carriedLabels(labels: readonly (readonly number[])[], coupling: Coupling): number[][] {
  const count = coupling[0]?.length ?? 0;
  const targets = Array.from({ length: count }, (_, j) => j);
  const half = labels.map((row) =>
    targets.map((j) => row.reduce((sum, label, l) => sum + label * ((coupling[l] as readonly number[])[j] as number), 0)),
  );
  return targets.map((i) =>
    targets.map((j) => {
      const mass = coupling.reduce((sum, row, k) => sum + (row[i] as number) * ((half[k] as number[])[j] as number), 0);
      return Math.min(1, count ** 2 * mass); // but for rounding it is below
    }),
  );
}
