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
