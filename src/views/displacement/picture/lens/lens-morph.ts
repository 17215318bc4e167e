/** A band at one place of the x axis, and where its answer's curve runs there: all in pixels. */
export interface MorphColumn {
  readonly x: number;
  readonly upper: number;
  readonly lower: number;
  readonly curve: number;
}

/** The parts of the way in which a band shrinks to its upper edge, and in which that edge becomes the curve. */
const shrinks = [0, 0.6] as const;
const moves = [0.3, 1] as const;
const within = (part: number, [from, to]: readonly [number, number]): number => Math.min(1, Math.max(0, (part - from) / (to - from)));

/** Slow at both ends. */
export const eased = (part: number): number => part * part * (3 - 2 * part);

/** A band on its way to a curve: at 0 the band, at 1 the curve, there and back. */
export function morphPath(columns: readonly MorphColumn[], part: number): string {
  if (columns.length < 2) return '';
  const [shrunk, moved] = [eased(within(part, shrinks)), eased(within(part, moves))];
  const edge = ({ upper, curve }: MorphColumn): number => upper + moved * (curve - upper);
  const point = (x: number, y: number): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
  return `M${columns.map((column) => point(column.x, edge(column))).join('L')}L${columns
    .toReversed()
    .map((column) => point(column.x, edge(column) + (1 - shrunk) * (column.lower - column.upper)))
    .join('L')}Z`;
}
