import type { AdapterDescription, RowStrategy } from '../backend.ts';

/** Rows at least this many keep every lane busy with one row each. */
const manyRows = 4096;
/** Longest row that one invocation reads alone. */
const shortRow = 64;
/** Elements that one invocation of a split row reads. */
const partLength = 256;

/**
 * How to spread `rows` × `columns` over invocations. On a software adapter a workgroup barrier costs hundreds of times what it does
 * on hardware, so only barrier-free strategies are chosen there.
 */
export function chooseRowStrategy(rows: number, columns: number, adapter: Pick<AdapterDescription, 'isFallback'>): RowStrategy {
  if (columns <= shortRow) return 'packed';
  if (adapter.isFallback) return rows * partLength >= columns ? 'packed' : 'split';
  if (rows >= manyRows && columns <= partLength) return 'packed';
  return rows < 64 && columns >= 16384 ? 'split' : 'workgroup';
}

/** Parts that a row of the split strategy is cut into. */
export const partsOf = (columns: number): number => Math.max(1, Math.ceil(columns / partLength));
