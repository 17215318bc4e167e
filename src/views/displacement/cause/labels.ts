import type { Place } from './plane.ts';

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A word that stands near a point, in pixels. */
export interface Label {
  readonly at: Place;
  readonly width: number;
  /** distance from the point */
  readonly away: number;
}

const overlap = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
const boxAt = ([x, y]: Place, width: number, height: number): Box => ({
  left: x - width / 2,
  right: x + width / 2,
  top: y - height / 2,
  bottom: y + height / 2,
});

/** The length of a stretch that lies in a box, from points along it. */
function crossing(box: Box, [from, to]: readonly [Place, Place]): number {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const count = Math.max(2, Math.ceil(length / 4));
  let inside = 0;
  for (let k = 0; k <= count; k++) {
    const [x, y] = [from[0] + ((to[0] - from[0]) * k) / count, from[1] + ((to[1] - from[1]) * k) / count];
    if (x > box.left && x < box.right && y > box.top && y < box.bottom) inside++;
  }
  return (inside * length) / count;
}

/**
 * The centres of labels, each beside its point where it covers least: other labels, dots, lines, the edge. Those before have their places
 * first; `taken` are boxes by their centres.
 */
export function placeLabels(
  labels: readonly Label[],
  [width, height]: Place,
  taken: readonly { readonly at: Place; readonly width: number; readonly height: number }[],
  lines: readonly (readonly [Place, Place])[],
  lineHeight = 18,
): Place[] {
  const boxes = [
    ...taken.map(({ at, width: wide, height: high }) => boxAt(at, wide, high)),
    ...labels.map(({ at, away }) => boxAt(at, 1.4 * away, 1.4 * away)),
  ];
  return labels.map(({ at: [x, y], width: wide, away }) => {
    const [dx, dy] = [away + wide / 2, away + lineHeight / 2];
    const wanted: Place[] = [
      [x, y + dy],
      [x, y - dy],
      [x + dx, y],
      [x - dx, y],
      [x + 0.75 * dx, y + 0.85 * dy],
      [x - 0.75 * dx, y + 0.85 * dy],
      [x + 0.75 * dx, y - 0.85 * dy],
      [x - 0.75 * dx, y - 0.85 * dy],
    ];
    let best: Place = wanted[0] ?? [x, y];
    let least = Number.POSITIVE_INFINITY;
    for (const [order, place] of wanted.entries()) {
      const box = boxAt(place, wide + 4, lineHeight);
      const outside = Math.max(0, -box.left) + Math.max(0, box.right - width) + Math.max(0, -box.top) + Math.max(0, box.bottom - height);
      const cost =
        order +
        100 * outside +
        boxes.reduce((sum, other) => sum + overlap(box, other), 0) +
        lines.reduce((sum, line) => sum + 6 * crossing(box, line), 0);
      if (cost < least) [best, least] = [place, cost];
    }
    boxes.push(boxAt(best, wide + 4, lineHeight));
    return best;
  });
}
