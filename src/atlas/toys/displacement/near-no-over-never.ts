import type { FeaturesPolicy } from '../../../core/experiment.ts';
import { plus, toyRandom, type Vector, vectorOf } from '../vectors.ts';
import { toyPolicy, toyVectors } from './no-over-never.ts';

/** “No over Never” with every number of its vectors moved by N(0, `by`²). */
export const jittered = (seed: number, train: FeaturesPolicy['train'] = 'both', by = 0.03): FeaturesPolicy => {
  const random = toyRandom(seed);
  const moved = (row: Vector): number[] => plus(row, vectorOf(random, row.length, by));
  return toyPolicy(1, train, { hidden: moved(toyVectors.hidden), unembedding: toyVectors.unembedding.map(moved) });
};
