import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Group, Pair } from '../core/experiment.ts';
import { RandomStream, streams } from '../core/rng.ts';
import type { CompiledObjective } from '../objectives/compile.ts';
import type { PairConstant } from '../objectives/inputs.ts';
import { responseLengths } from './passes/experiment-columns.ts';

/** What an experiment's loss is a mean over: its groups, or else its pairs. */
export const itemsOf = ({ pairs, groups }: Experiment): readonly (Pair | Group)[] => groups ?? pairs;

/** One shuffle of the items a full pass; the last batch of a pass is smaller where they do not divide evenly. */
function orderOf(items: number, seed: number, pass: number): number[] {
  return new RandomStream(seed, (streams.miniBatches + 0x100 * (pass + 1)) >>> 0).permutation(items);
}

/**
 * Items of the mini-batch of update `step` + 1; null where every update takes all. A function of the seed and the step alone, so that a
 * run can be resumed anywhere.
 */
export function miniBatch(experiment: Experiment, step: number): number[] | null {
  const { optimizer, seed = 0 } = experiment;
  const { length } = itemsOf(experiment);
  const size = optimizer.batchSize ?? length;
  if (size >= length) return null;
  const batchesInPass = Math.ceil(length / size);
  const first = (step % batchesInPass) * size;
  return orderOf(length, seed, Math.floor(step / batchesInPass)).slice(first, first + size);
}

/** Weights [pairs or groups] that make the mean over all of them the mean over the mini-batch; null where every update takes all. */
export function miniBatchWeights(experiment: Experiment, step: number): Float64Array | null {
  const members = miniBatch(experiment, step);
  if (!members) return null;
  const items = itemsOf(experiment);
  const weights = new Float64Array(items.length);
  for (const item of members) weights[item] = ((items[item]?.weight ?? 1) * items.length) / members.length;
  return weights;
}

/** What an objective reads of the whole batch; WPO's weight is each pair's own. */
function batchWide({ statistics, inputs }: CompiledObjective, pairs: readonly Pair[]): PairConstant | undefined {
  const statistic = statistics.find((name) => name !== 'wpo_weight');
  const isUneven = new Set(responseLengths(pairs, 'chosen')).size > 1;
  return statistic ?? inputs.find((name) => name === 'mean_len_w' && isUneven);
}

/** Throws an ExperimentError for mini-batches under an objective whose statistics would still be those of all pairs. */
export function validateMiniBatches({ pairs, optimizer }: Experiment, objective: CompiledObjective): void {
  if ((optimizer.batchSize ?? pairs.length) >= pairs.length) return;
  const name = batchWide(objective, pairs);
  if (name)
    throw new ExperimentError(
      'optimizer.batchSize',
      `cannot be below the ${pairs.length} pairs: the objective reads ${name}, a statistic of all pairs. Leave batchSize out, or choose another objective.`,
    );
}
