import type { Experiment, Parameters } from '../../core/experiment.ts';
import type { Draws } from './draws.ts';

/** A quarter turn of each pair of coordinates. */
const turned = (row: readonly number[]): number[] => row.map((_, k) => (k % 2 === 0 ? -(row[k + 1] ?? 0) : (row[k - 1] ?? 0)));

/**
 * A preference model with skew-symmetric scores, s(i, j) = ⟨v_i, R v_j⟩ with a quarter turn R: σ(s) prefers i to j
 * (arXiv:2410.02197). Item i is a prompt with hidden vector v_i / √2; a comparison with j is two answers with unembeddings ± R v_j / √2.
 * Every comparison stands there in both orders, so the force on R v_j is R times that on v_j: both stay a quarter turn apart under
 * Adam, which moves signed and swapped coordinates alike. `beats` are pairs (winner, loser).
 */
export function fitSkewScores(
  draws: Draws,
  items: number,
  beats: readonly (readonly [number, number])[],
  { dimensions = 2, steps = 150 }: { readonly dimensions?: number; readonly steps?: number } = {},
): Omit<Experiment, 'seed'> {
  const vectors = draws.normalRows(items, dimensions, 0.7);
  return {
    policy: {
      kind: 'features',
      hidden: vectors,
      unembedding: vectors.flatMap((row) => [turned(row), turned(row).map((value) => -value)]),
    },
    pairs: beats.flatMap(([winner, loser]) => [
      { prompt: winner, chosen: 2 * loser, rejected: 2 * loser + 1 },
      { prompt: loser, chosen: 2 * winner + 1, rejected: 2 * winner },
    ]),
    objective: { name: 'bradley_terry' },
    optimizer: { kind: 'adam', learningRate: 0.1, steps },
  };
}

/** s(i, j) of the fitted model, up to a factor. */
export function skewScore({ final }: { readonly final: Parameters }, dimensions: number, i: number, j: number): number {
  const flat = final['hidden'] ?? new Float64Array();
  const row = (item: number) => Array.from(flat.slice(dimensions * item, dimensions * (item + 1)));
  const other = turned(row(j));
  return row(i).reduce((sum, value, k) => sum + value * (other[k] ?? 0), 0);
}
