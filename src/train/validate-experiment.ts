import { ExperimentError } from '../core/errors.ts';
import type { Experiment, OptimizerChoice } from '../core/experiment.ts';
import { findOptimizer, type HyperParameterName, type Optimizer, optimizers } from '../core/optimizer.ts';
import { assertFinite, assertInteger, assertList, assertObject, show } from './assertions.ts';
import { validatePairFields } from './experiment-columns.ts';
import { validatePolicy } from './validate-policy.ts';

/** Most updates that one run may ask for. */
const maxSteps = 10_000_000;

const hyperParameterNames = ['momentum', 'beta1', 'beta2', 'epsilon', 'weightDecay'] as const;

function assertHyperParameter({ id, hyperParameters }: Optimizer, name: HyperParameterName, value: unknown): void {
  if (value === undefined) return;
  const path = `optimizer.${name}`;
  const range = hyperParameters[name];
  if (!range)
    throw new ExperimentError(
      path,
      `is not a setting of '${id}'; remove it or choose another optimiser. It has ${Object.keys(hyperParameters).join(', ')}.`,
    );
  assertFinite(path, value);
  if (value < range.min || value >= (range.below ?? Number.POSITIVE_INFINITY))
    throw new ExperimentError(
      path,
      `must be ${range.below === undefined ? `at least ${range.min}` : `from ${range.min} to less than ${range.below}`}, but is ${value}.`,
    );
}

/** Throws an ExperimentError for an optimiser that could not train on `pairs` pairs. */
export function validateOptimizer(optimizer: OptimizerChoice, pairs: number): void {
  assertObject('optimizer', optimizer);
  const known = findOptimizer(optimizer.kind);
  if (!known)
    throw new ExperimentError(
      'optimizer.kind',
      `must be one of ${optimizers.map(({ id }) => `'${id}'`).join(', ')}, not ${show(optimizer.kind)}.`,
    );
  assertFinite('optimizer.learningRate', optimizer.learningRate);
  if (optimizer.learningRate < 0)
    throw new ExperimentError('optimizer.learningRate', `must not be negative, but is ${optimizer.learningRate}.`);
  assertInteger('optimizer.steps', optimizer.steps, 0, maxSteps + 1);
  for (const name of hyperParameterNames) assertHyperParameter(known, name, optimizer[name]);
  if (optimizer.batchSize !== undefined) assertInteger('optimizer.batchSize', optimizer.batchSize, 1, pairs + 1);
}

/** Throws an ExperimentError that names the field and the fix. */
export function validateExperiment(experiment: Experiment): void {
  if (typeof experiment !== 'object' || experiment === null) throw new ExperimentError('', `must be an object, not ${show(experiment)}.`);
  const { policy, pairs, objective, optimizer, record, seed } = experiment;
  const { prompts, assertResponse } = validatePolicy(policy);

  assertList('pairs', pairs);
  for (const [index, pair] of pairs.entries()) {
    const path = `pairs[${index}]`;
    assertObject(path, pair);
    assertInteger(`${path}.prompt`, pair.prompt, 0, prompts);
    assertResponse(`${path}.chosen`, pair.prompt, pair.chosen);
    assertResponse(`${path}.rejected`, pair.prompt, pair.rejected);
    if (pair.weight !== undefined) {
      assertFinite(`${path}.weight`, pair.weight);
      if (pair.weight < 0) throw new ExperimentError(`${path}.weight`, `must not be negative, but is ${pair.weight}.`);
    }
    validatePairFields(pair, path);
  }

  assertObject('objective', objective);

  validateOptimizer(optimizer, pairs.length);

  if (record !== undefined) {
    assertList('record', record);
    for (const [index, step] of record.entries()) assertInteger(`record[${index}]`, step, 0, optimizer.steps + 1);
  }
  if (seed !== undefined) assertInteger('seed', seed, 0, 2 ** 32);
}
