/** A point or vector of the drawing, y upwards. */
export interface Vector {
  readonly x: number;
  readonly y: number;
}

/** SVG path of an arrow head with its tip at `to`, seen from `from`; both in pixels, y downwards. Empty for an arrow too short to have one. */
export function arrowHead(from: Vector, to: Vector, size: number): string {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length < 1) return '';
  const along = { x: (to.x - from.x) / length, y: (to.y - from.y) / length };
  const back = Math.min(size, length);
  const corner = (side: number): string =>
    `${to.x - along.x * back - side * along.y * back * 0.42},${to.y - along.y * back + side * along.x * back * 0.42}`;
  return `M${to.x},${to.y}L${corner(1)}L${corner(-1)}Z`;
}
