import { ExperimentError, UnsupportedError } from '../core/errors.ts';
import type { Experiment, Policy } from '../core/experiment.ts';
import { validatePairFields } from './experiment-columns.ts';

/** Most updates that one run may ask for. */
const maxSteps = 10_000_000;

const show = (value: unknown): string => (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)));

function assertObject(path: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new ExperimentError(path, `must be an object, not ${show(value)}.`);
}

function assertList(path: string, value: unknown): asserts value is unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new ExperimentError(path, 'must be a list with at least one entry.');
}

function assertFinite(path: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ExperimentError(path, `must be a finite number, not ${show(value)}.`);
}

function assertInteger(path: string, value: unknown, from: number, below: number): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < from || (value as number) >= below)
    throw new ExperimentError(path, `must be a whole number from ${from} to ${below - 1}, not ${show(value)}.`);
}

/** A matrix of finite numbers with rows of equal length; returns its shape. */
function assertMatrix(path: string, value: unknown): [rows: number, columns: number] {
  assertList(path, value);
  let columns = 0;
  for (const [index, row] of value.entries()) {
    assertList(`${path}[${index}]`, row);
    if (index === 0) columns = row.length;
    if (row.length !== columns)
      throw new ExperimentError(
        `${path}[${index}]`,
        `has ${row.length} entries where the first row has ${columns}; make all rows equally long.`,
      );
    for (const [column, entry] of row.entries()) assertFinite(`${path}[${index}][${column}]`, entry);
  }
  return [value.length, columns];
}

function assertPolicy(policy: Policy): { prompts: number; columns: number } {
  assertObject('policy', policy);
  switch (policy.kind) {
    case 'tabular': {
      const [prompts, columns] = assertMatrix('policy.logits', policy.logits);
      return { prompts, columns };
    }
    case 'features': {
      const [prompts, hiddenDimensions] = assertMatrix('policy.hidden', policy.hidden);
      const [columns, dimensions] = assertMatrix('policy.unembedding', policy.unembedding);
      if (dimensions !== hiddenDimensions)
        throw new ExperimentError(
          'policy.unembedding',
          `has rows of length ${dimensions}, but the hidden vectors have length ${hiddenDimensions}; make them equal.`,
        );
      if (policy.train !== undefined && !['both', 'hidden', 'unembedding'].includes(policy.train))
        throw new ExperimentError('policy.train', `must be 'both', 'hidden' or 'unembedding', not ${show(policy.train)}.`);
      return { prompts, columns };
    }
    case 'bigram': {
      assertInteger('policy.prompts', policy.prompts, 1, 2 ** 24);
      assertInteger('policy.vocab', policy.vocab, 1, 2 ** 24);
      const [rows, columns] = assertMatrix('policy.table', policy.table);
      if (rows !== policy.prompts + policy.vocab || columns !== policy.vocab)
        throw new ExperimentError(
          'policy.table',
          `is [${rows}, ${columns}], but ${policy.prompts} prompts and ${policy.vocab} tokens need [prompts + vocab, vocab] = [${policy.prompts + policy.vocab}, ${policy.vocab}].`,
        );
      return { prompts: policy.prompts, columns };
    }
    default: {
      const { kind } = policy as { kind: unknown };
      throw new ExperimentError('policy.kind', `must be 'tabular', 'features' or 'bigram', not ${show(kind)}.`);
    }
  }
}

function assertResponse(path: string, response: unknown, kind: Policy['kind'], columns: number): void {
  if (kind !== 'bigram') {
    assertInteger(path, response, 0, columns);
    return;
  }
  assertList(path, response);
  for (const [index, token] of response.entries()) assertInteger(`${path}[${index}]`, token, 0, columns);
}

/** Throws an ExperimentError that names the field and the fix, or an UnsupportedError for what this version lacks. */
export function validateExperiment(experiment: Experiment): void {
  if (typeof experiment !== 'object' || experiment === null) throw new ExperimentError('', `must be an object, not ${show(experiment)}.`);
  const { policy, pairs, objective, optimizer, record, seed } = experiment;
  const { prompts, columns } = assertPolicy(policy);

  assertList('pairs', pairs);
  for (const [index, pair] of pairs.entries()) {
    const path = `pairs[${index}]`;
    assertObject(path, pair);
    assertInteger(`${path}.prompt`, pair.prompt, 0, prompts);
    assertResponse(`${path}.chosen`, pair.chosen, policy.kind, columns);
    assertResponse(`${path}.rejected`, pair.rejected, policy.kind, columns);
    if (pair.weight !== undefined) {
      assertFinite(`${path}.weight`, pair.weight);
      if (pair.weight < 0) throw new ExperimentError(`${path}.weight`, `must not be negative, but is ${pair.weight}.`);
    }
    validatePairFields(pair, path);
  }

  assertObject('objective', objective);

  assertObject('optimizer', optimizer);
  if (!['sgd', 'momentum', 'nesterov', 'adam'].includes(optimizer.kind))
    throw new ExperimentError('optimizer.kind', `must be 'sgd', 'momentum', 'nesterov' or 'adam', not ${show(optimizer.kind)}.`);
  if (optimizer.kind !== 'sgd') throw new UnsupportedError(`The optimiser '${optimizer.kind}' is not part of this version. Use 'sgd'.`);
  assertFinite('optimizer.learningRate', optimizer.learningRate);
  if (optimizer.learningRate < 0)
    throw new ExperimentError('optimizer.learningRate', `must not be negative, but is ${optimizer.learningRate}.`);
  assertInteger('optimizer.steps', optimizer.steps, 0, maxSteps + 1);

  if (record !== undefined) {
    assertList('record', record);
    for (const [index, step] of record.entries()) assertInteger(`record[${index}]`, step, 0, optimizer.steps + 1);
  }
  if (seed !== undefined) assertInteger('seed', seed, 0, 2 ** 32);
}
