import type { Experiment, Group, Pair } from '../core/experiment.ts';
import { RandomStream, streams } from '../core/rng.ts';

/** What an experiment's loss is a mean over: its groups, or else its pairs. */
export const itemsOf = ({ pairs, groups }: Experiment): readonly (Pair | Group)[] => groups ?? pairs;

/** One shuffle of the items a full pass; the last batch of a pass is smaller where they do not divide evenly. */
function orderOf(items: number, seed: number, pass: number): number[] {
  return new RandomStream(seed, (streams.miniBatches + 0x100 * (pass + 1)) >>> 0).permutation(items);
}

/**
 * Weights [pairs or groups] that make the mean over all of them the mean over the mini-batch of update `step` + 1; null where every
 * update takes all. A function of the seed and the step alone, so that a run can be resumed anywhere.
 */
export function miniBatchWeights(experiment: Experiment, step: number): Float64Array | null {
  const { optimizer, seed = 0 } = experiment;
  const items = itemsOf(experiment);
  const size = optimizer.batchSize ?? items.length;
  if (size >= items.length) return null;
  const batchesInPass = Math.ceil(items.length / size);
  const order = orderOf(items.length, seed, Math.floor(step / batchesInPass));
  const first = (step % batchesInPass) * size;
  const members = order.slice(first, first + size);
  const weights = new Float64Array(items.length);
  for (const item of members) weights[item] = ((items[item]?.weight ?? 1) * items.length) / members.length;
  return weights;
}
