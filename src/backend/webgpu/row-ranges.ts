import { DeviceLimitError } from '../../core/errors.ts';
import type { Storage } from '../backend.ts';
import type { StorageRange } from './recorder.ts';

export interface RowRange {
  first: number;
  count: number;
}

/** Every range begins at a multiple of this many rows: its byte offset is then a multiple of 256, as bindings want it. */
const rowStep = 64;

/**
 * Cuts [rows, columns] elements of four bytes into ranges of rows that one binding can hold. Throws a DeviceLimitError where even
 * 64 rows are too large.
 */
export function rowRanges(rows: number, columns: number, maxBinding: number): RowRange[] {
  const most = Math.floor(maxBinding / (4 * columns));
  if (most >= rows) return [{ first: 0, count: rows }];
  const step = most - (most % rowStep);
  if (step === 0)
    throw new DeviceLimitError(
      `${rowStep} rows of ${columns} columns need ${4 * columns * rowStep} bytes; this adapter binds at most ${maxBinding}. Use fewer columns or the CPU engine.`,
    );
  return Array.from({ length: Math.ceil(rows / step) }, (_, i) => ({ first: i * step, count: Math.min(step, rows - i * step) }));
}

/** The rows of a range, in a storage that holds `width` elements a row. */
export function rowsOf(storage: Storage, { first, count }: RowRange, width: number): StorageRange {
  return { storage, first: first * width, length: count * width };
}
