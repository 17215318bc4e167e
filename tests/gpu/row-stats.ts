import { rowStats } from '../../src/backend/cpu/row_stats.ts';

/** [rows, 2] the stats that a kernel is given, rounded: it and its twin then begin from the same numbers. */
export function statsOf(logits: Float32Array, columns: number): Float32Array {
  const values = Float64Array.from(logits);
  const rows = Array.from({ length: values.length / columns }, (_, row) => rowStats(values, row * columns, columns));
  return Float32Array.from(rows.flat());
}
