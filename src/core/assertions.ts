import { ExperimentError } from './errors.ts';

/** A value as an error message shows it. */
export const show = (value: unknown): string => (typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value)));

export function assertObject(path: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new ExperimentError(path, `must be an object, not ${show(value)}.`);
}

export function assertList(path: string, value: unknown): asserts value is unknown[] {
  if (!Array.isArray(value) || value.length === 0) throw new ExperimentError(path, 'must be a list with at least one entry.');
}

export function assertFinite(path: string, value: unknown): asserts value is number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ExperimentError(path, `must be a finite number, not ${show(value)}.`);
}

export function assertInteger(path: string, value: unknown, from: number, below: number): asserts value is number {
  if (!Number.isInteger(value) || (value as number) < from || (value as number) >= below)
    throw new ExperimentError(path, `must be a whole number from ${from} to ${below - 1}, not ${show(value)}.`);
}

/** A matrix of finite numbers (or null where `nullable`) with rows of equal length; returns its shape. */
export function assertMatrix(path: string, value: unknown, nullable = false): [rows: number, columns: number] {
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
    for (const [column, entry] of row.entries()) if (entry !== null || !nullable) assertFinite(`${path}[${index}][${column}]`, entry);
  }
  return [value.length, columns];
}

export function assertPositive(path: string, value: unknown): asserts value is number {
  assertFinite(path, value);
  if (value <= 0) throw new ExperimentError(path, `must be above 0, but is ${value}.`);
}
