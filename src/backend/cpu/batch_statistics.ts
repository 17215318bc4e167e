import type { Backend, RankedValues } from '../backend.ts';
import { floats } from './storage.ts';

type Task = Parameters<Backend['sortBatch']>[0];
type BatchLogps = Pick<Task, 'pairs' | 'chosenLogps' | 'rejectedLogps' | 'references'>;

/** Values of all pairs that one of the sorts compares. */
function valuesOf(task: BatchLogps, values: RankedValues): Float64Array {
  const chosen = floats(task.chosenLogps);
  const rejected = floats(task.rejectedLogps);
  const reference = floats(task.references);
  return Float64Array.from({ length: task.pairs }, (_, pair) => {
    const [a, b] = [chosen[pair] as number, rejected[pair] as number];
    const [ra, rb] = [reference[2 * pair] as number, reference[2 * pair + 1] as number];
    if (values === 'chosen log-ratio') return a - ra;
    if (values === 'rejected log-ratio') return b - rb;
    return values === 'policy margin' ? a - b : ra - rb;
  });
}

/** Rank of each value; among equal ones the earlier comes first. NaN stands above all: every rank is one pair's. */
function ranksOf(values: Float64Array): number[] {
  return [...values].map((own, pair) =>
    values.reduce((rank, value, other) => {
      const below = Number.isNaN(own) ? !Number.isNaN(value) : value < own;
      return rank + Number(below || ((value === own || (Number.isNaN(value) && Number.isNaN(own))) && other < pair));
    }, 0),
  );
}

/** Twin of batch_statistics_sort in shaders/batch_statistics.wgsl. */
export const sortBatch: Backend['sortBatch'] = (task) => {
  const values = valuesOf(task, task.values);
  const sorted = floats(task.sorted);
  for (const [pair, rank] of ranksOf(values).entries()) sorted[rank] = values[pair] as number;
};

/** Twin of batch_statistics_same_rank. */
export const sameRank: Backend['sameRank'] = (task) => {
  const sorted = floats(task.sorted);
  const inputs = floats(task.pairInputs);
  for (const [pair, rank] of ranksOf(valuesOf(task, task.values)).entries())
    inputs[pair * task.columns + task.column] = sorted[rank] as number;
};

const logratioSum = (task: BatchLogps): number => {
  const rejected = valuesOf(task, 'rejected log-ratio');
  return valuesOf(task, 'chosen log-ratio').reduce((total, value, pair) => total + (value + (rejected[pair] as number)), 0);
};

/** Twin of batch_statistics_kl_baseline. */
export const klBaseline: Backend['klBaseline'] = (task) => {
  const inputs = floats(task.pairInputs);
  const baseline = Math.max(0, logratioSum(task) / (2 * task.pairs));
  for (let pair = 0; pair < task.pairs; pair++) inputs[pair * task.columns + task.column] = baseline;
};

/** Twin of batch_statistics_running_mean. */
export const runningMean: Backend['runningMean'] = (task) => {
  const inputs = floats(task.pairInputs);
  const [before = 0, counted = 0] = floats(task.running);
  const added = 2 * task.pairs;
  const mean = before + (logratioSum(task) - added * before) / (counted + added);
  for (let pair = 0; pair < task.pairs; pair++) inputs[pair * task.columns + task.column] = mean;
  floats(task.nextRunning).set([mean, counted + added]);
};
