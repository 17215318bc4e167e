import type { Experiment } from '../core/experiment.ts';
import { RandomStream, streams } from '../core/rng.ts';

/** One shuffle of the pairs a full pass; the last batch of a pass is smaller where the pairs do not divide evenly. */
function orderOf({ pairs, seed = 0 }: Experiment, pass: number): number[] {
  return new RandomStream(seed, (streams.miniBatches + 0x100 * (pass + 1)) >>> 0).permutation(pairs.length);
}

/**
 * Weights [pairs] that make the mean over all pairs the mean over the mini-batch of update `step` + 1; null where every update takes
 * all pairs. A function of the seed and the step alone, so that a run can be resumed anywhere.
 */
export function miniBatchWeights(experiment: Experiment, step: number): Float64Array | null {
  const { pairs, optimizer } = experiment;
  const size = optimizer.batchSize ?? pairs.length;
  if (size >= pairs.length) return null;
  const batchesInPass = Math.ceil(pairs.length / size);
  const order = orderOf(experiment, Math.floor(step / batchesInPass));
  const first = (step % batchesInPass) * size;
  const members = order.slice(first, first + size);
  const weights = new Float64Array(pairs.length);
  for (const pair of members) weights[pair] = ((pairs[pair]?.weight ?? 1) * pairs.length) / members.length;
  return weights;
}
