import { bisector } from 'd3';
import type { Mark } from './marks.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** What a line is called and how it is drawn. */
export interface LineStyle {
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
}

/** One line of a LineChart. Non-finite values leave a gap. */
export interface Series extends LineStyle {
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

/** How the two answers, and the one that gains most, are drawn wherever they are lines. */
export const sideStyles = {
  chosen: { colour: 'var(--chosen)', mark: 'circle' },
  rejected: { colour: 'var(--rejected)', mark: 'square', dash: '9 6' },
  gainer: { colour: 'var(--gainer)', mark: 'diamond', dash: '2 6' },
} as const satisfies Record<string, Partial<LineStyle>>;

const byX = bisector<Point, number>(({ x }) => x);

/** The index of the point whose x is nearest, in ascending points; -1 for none. */
export const nearestIndex = (points: readonly Point[], x: number): number => (points.length === 0 ? -1 : byX.center(points, x));

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
export const lastFinite = (points: readonly Point[]): Point | null => points.findLast(({ y }) => Number.isFinite(y)) ?? null;
