/** [n] ranks from 1, smallest first; equal values share the mean of their ranks. */
export function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start + 1;
    while (end < order.length && values[order[end] ?? 0] === values[order[start] ?? 0]) end++;
    for (let i = start; i < end; i++) ranks[order[i] ?? 0] = (start + end + 1) / 2;
    start = end;
  }
  return ranks;
}

/**
 * Spearman's ρ: the correlation of the ranks, over the places where both values are numbers. NaN for fewer than two, or where all values
 * of one list are equal.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const known = Array.from({ length: a.length }, (_, i) => [a[i] ?? Number.NaN, b[i] ?? Number.NaN] as const).filter(
    ([x, y]) => !Number.isNaN(x) && !Number.isNaN(y),
  );
  const [x, y] = [ranksOf(known.map(([value]) => value)), ranksOf(known.map(([, value]) => value))];
  const middle = (x.length + 1) / 2; // the mean rank, ties or not
  let [xx, xy, yy] = [0, 0, 0];
  for (const [i, rank] of x.entries()) {
    const [dx, dy] = [rank - middle, (y[i] ?? Number.NaN) - middle];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  return xy / Math.sqrt(xx * yy);
}
