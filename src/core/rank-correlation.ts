/** Ranks from 0, equal values sharing the mean of theirs. */
function ranks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && order[to]?.value === order[from]?.value) to++;
    for (const { index } of order.slice(from, to)) result[index] = (from + to - 1) / 2;
    from = to;
  }
  return result;
}

/** Spearman's rank correlation: Pearson's of the ranks; NaN where one side does not vary or a value is NaN. Both lists have one length. */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (Array.from(a).some(Number.isNaN) || Array.from(b).some(Number.isNaN)) return Number.NaN;
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (x.length - 1) / 2;
  let [covariance, varianceX, varianceY] = [0, 0, 0];
  for (const [i, rank] of x.entries()) {
    const [dx, dy] = [rank - mean, (y[i] ?? Number.NaN) - mean];
    covariance += dx * dy;
    varianceX += dx * dx;
    varianceY += dy * dy;
  }
  return covariance / Math.sqrt(varianceX * varianceY);
}
