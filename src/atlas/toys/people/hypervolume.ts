/**
 * Area that points dominate above a corner, both rewards being better the larger they are: how much of a front they cover. Points that
 * are below the corner in either reward add nothing.
 */
export function hypervolume(points: readonly (readonly [number, number])[], corner: readonly [number, number]): number {
  let [area, height] = [0, corner[1]];
  for (const [x, y] of points.toSorted((a, b) => b[0] - a[0]))
    if (x > corner[0] && y > height) {
      area += (x - corner[0]) * (y - height);
      height = y;
    }
  return area;
}
