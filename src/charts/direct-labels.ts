/**
 * Positions for labels that stand beside the ends of lines: each as near its wanted y as a gap between neighbours
 * and the limits allow, in the order of the wanted positions. Pixels; `wanted` may hold any order.
 */
export function spreadLabels(wanted: readonly number[], gap: number, limits: readonly [number, number]): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0) || a - b);
  const placed = new Array<number>(wanted.length);
  let above = limits[0] - gap;
  for (const index of order) {
    above = Math.max(wanted[index] ?? 0, above + gap);
    placed[index] = above;
  }
  // What ran over the lower edge moves back up, and pushes its neighbours along.
  let below = limits[1] + gap;
  for (const index of order.toReversed()) {
    below = Math.min(placed[index] ?? 0, below - gap);
    placed[index] = below;
  }
  return placed;
}
