/** Indices of the scores that remain, in order, when the highest `share` of them is taken away; at least one remains. */
export function keptByScore(scores: readonly number[], share: number): number[] {
  const kept = Math.max(1, Math.round(scores.length * (1 - share)));
  return scores
    .map((score, index) => ({ score, index }))
    .sort((a, b) => a.score - b.score)
    .slice(0, kept)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}

/** The least x from which the values are 0 or more to the end, between two by a straight line; null: the last value is below 0. */
export function crossing(xs: readonly number[], values: readonly number[]): number | null {
  const below = values.findLastIndex((value) => !(value >= 0));
  if (below === values.length - 1) return null;
  if (below < 0) return xs[0] ?? null;
  const [x0 = 0, x1 = 0, y0 = 0, y1 = 0] = [xs[below], xs[below + 1], values[below], values[below + 1]];
  return x0 + ((x1 - x0) * -y0) / (y1 - y0);
}
