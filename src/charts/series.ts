export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Mark = 'circle' | 'square' | 'diamond';

/** One line of a LineChart. Non-finite values leave a gap. */
export interface Series {
  readonly id: string;
  /** direct label at the line's end, and the name in the readout */
  readonly label: string;
  /** what follows the name in the readout, as in 'chosen' */
  readonly role?: string | undefined;
  /** a CSS colour, as a rule a token: 'var(--chosen)' */
  readonly colour: string;
  /** SVG dash pattern; tells lines apart without colour */
  readonly dash?: string | undefined;
  /** sign at the cursor; default circle */
  readonly mark?: Mark | undefined;
  /** drawn thin and faint, without label, readout or scrubbing: what is expected, not what was computed here */
  readonly ghost?: boolean | undefined;
  /** drawn thicker: the reader points at what it shows */
  readonly lit?: boolean | undefined;
  /** in ascending x */
  readonly points: readonly Point[];
}

/** A shaded range of x with a label. */
export interface Band {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** The index of the point whose x is nearest, in ascending points; -1 for none. */
export function nearestIndex(points: readonly Point[], x: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const here = points[middle]?.x ?? 0;
    const next = points[middle + 1]?.x ?? 0;
    if (x - here < next - x) high = middle;
    else low = middle + 1;
  }
  return high;
}

/** Points of one line that are drawn: more would not be seen, and would take longer than a frame to lay out. */
const mostDrawn = 4000;

/**
 * The points of a line that are drawn: all of a usual line; of a longer one the lowest and the highest of every so many, and its gaps.
 */
export function drawnPoints(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostDrawn) return points;
  const bucket = Math.ceil((4 * points.length) / mostDrawn);
  const drawn: Point[] = [];
  for (let from = 0; from < points.length; from += bucket) {
    const part = points.slice(from, from + bucket);
    const finite = part.filter(({ y }) => Number.isFinite(y)).sort((a, b) => a.y - b.y);
    const kept = new Set([finite[0], finite.at(-1), part.find(({ y }) => !Number.isFinite(y)), from === 0 ? part[0] : part.at(-1)]);
    drawn.push(...part.filter((point) => kept.has(point)));
  }
  return drawn;
}

/** The last point before which everything can be drawn: the last with a finite y. */
export function lastFinite(points: readonly Point[]): Point | null {
  for (let index = points.length - 1; index >= 0; index--) {
    const point = points[index];
    if (point && Number.isFinite(point.y)) return point;
  }
  return null;
}
