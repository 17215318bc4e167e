/**
 * (peak, log(1 + rest)) of one row: the twin of shaders/shared/row_stats.wgsl. NaN for a row that holds a NaN or +Infinity,
 * or no finite logit at all.
 */
export function rowStats(logits: Float64Array, first: number, columns: number): [peak: number, logTotal: number] {
  let peak = Number.NEGATIVE_INFINITY;
  let peakAt = -1;
  for (let i = 0; i < columns; i++) {
    const x = logits[first + i] as number;
    if (Number.isNaN(x) || x === Number.POSITIVE_INFINITY) return [Number.NaN, Number.NaN];
    if (x > peak) {
      peak = x;
      peakAt = i;
    }
  }
  if (peakAt < 0) return [Number.NaN, Number.NaN];
  let rest = 0;
  for (let i = 0; i < columns; i++) {
    if (i !== peakAt) rest += Math.exp((logits[first + i] as number) - peak);
  }
  return [peak, Math.log1p(rest)];
}

/** Whether a row holds the very numbers of the row before it, as rows of one context do: what was computed of that one is then true of it. */
export function isRowBefore(logits: Float64Array, row: number, columns: number): boolean {
  if (row === 0) return false;
  const first = row * columns;
  for (let i = first; i < first + columns; i++) if (logits[i] !== logits[i - columns]) return false;
  return true;
}
