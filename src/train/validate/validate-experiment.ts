import { assertFinite, assertInteger, assertList, assertObject, show } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Experiment, Group, OptimizerChoice } from '../../core/experiment.ts';
import { findOptimizer, type HyperParameterName, type Optimizer, optimizers } from '../../core/optimizer.ts';
import { validatePolicy } from '../../policies/kinds.ts';
import { itemsOf } from '../mini-batches.ts';
import { validatePairFields } from '../passes/experiment-columns.ts';

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

/** Throws an ExperimentError for an optimiser that could not train on so many pairs or groups. */
export function validateOptimizer(optimizer: OptimizerChoice, items: number): void {
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
  if (optimizer.batchSize !== undefined) assertInteger('optimizer.batchSize', optimizer.batchSize, 1, items + 1);
}

/** Throws an ExperimentError that names the field and the fix. */
export function validateExperiment(experiment: Experiment): void {
  if (typeof experiment !== 'object' || experiment === null) throw new ExperimentError('', `must be an object, not ${show(experiment)}.`);
  const { policy, groups, objective, optimizer, record, seed } = experiment;
  const known = validatePolicy(policy);
  if (groups === undefined) validatePairs(experiment.pairs, known);
  else validateGroups(experiment, known);

  assertObject('objective', objective);

  validateOptimizer(optimizer, itemsOf(experiment).length);

  if (record !== undefined) validateRecord(record, optimizer.steps);
  if (seed !== undefined) assertInteger('seed', seed, 0, 2 ** 32);
}

/** Throws an ExperimentError for steps that a run of so many updates does not have. */
export function validateRecord(record: unknown, steps: number): void {
  assertList('record', record);
  for (const [index, step] of record.entries()) assertInteger(`record[${index}]`, step, 0, steps + 1);
}

type KnownPolicy = ReturnType<typeof validatePolicy>;

function assertWeight(path: string, weight: number | undefined): void {
  if (weight === undefined) return;
  assertFinite(path, weight);
  if (weight < 0) throw new ExperimentError(path, `must not be negative, but is ${weight}.`);
}

function validatePairs(pairs: Experiment['pairs'], { prompts, assertResponse }: KnownPolicy): void {
  assertList('pairs', pairs);
  for (const [index, pair] of pairs.entries()) {
    const path = `pairs[${index}]`;
    assertObject(path, pair);
    assertInteger(`${path}.prompt`, pair.prompt, 0, prompts);
    assertResponse(`${path}.chosen`, pair.prompt, pair.chosen);
    assertResponse(`${path}.rejected`, pair.prompt, pair.rejected);
    assertWeight(`${path}.weight`, pair.weight);
    validatePairFields(pair, path);
  }
}

function validateGroups({ groups, pairs, optimizer }: Experiment, { prompts, assertResponse }: KnownPolicy): void {
  if (Array.isArray(pairs) && pairs.length > 0)
    throw new ExperimentError('groups', 'cannot stand beside pairs: an objective reads one or the other. Leave pairs (and data) empty.');
  if (optimizer?.kind === 'normalised-pair')
    throw new ExperimentError(
      'optimizer.kind',
      "cannot be 'normalised-pair' with groups: its update has a chosen and a rejected response.",
    );
  assertList('groups', groups);
  for (const [index, group] of groups.entries()) {
    const path = `groups[${index}]`;
    assertObject(path, group);
    const { prompt, responses, rewards, weight } = group as Group;
    assertInteger(`${path}.prompt`, prompt, 0, prompts);
    assertList(`${path}.responses`, responses);
    if (responses.length < 2) throw new ExperimentError(`${path}.responses`, 'must be at least two: there is nothing to compare one with.');
    for (const [place, response] of responses.entries()) assertResponse(`${path}.responses[${place}]`, prompt, response);
    assertWeight(`${path}.weight`, weight);
    if (rewards === undefined) continue;
    assertList(`${path}.rewards`, rewards);
    if (rewards.length !== responses.length)
      throw new ExperimentError(`${path}.rewards`, `has ${rewards.length} entries for ${responses.length} responses; give one for each.`);
    for (const [place, reward] of rewards.entries()) assertFinite(`${path}.rewards[${place}]`, reward);
  }
}
