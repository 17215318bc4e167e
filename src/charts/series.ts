import { symbol, symbolCircle, symbolDiamond, symbolSquare } from 'd3';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Mark = 'circle' | 'square' | 'diamond';

const symbols = { circle: symbolCircle, square: symbolSquare, diamond: symbolDiamond };

/** SVG path of a mark around the origin; its area in square pixels. */
export const markPath = (mark: Mark, area: number): string | null => symbol(symbols[mark], area)();

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

/** The last point before which everything can be drawn: the last with a finite y. */
export function lastFinite(points: readonly Point[]): Point | null {
  for (let index = points.length - 1; index >= 0; index--) {
    const point = points[index];
    if (point && Number.isFinite(point.y)) return point;
  }
  return null;
}
