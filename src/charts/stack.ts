/**
 * The answers from the top of the stack down: the chosen, the rejected (a group may be both), the others, and at the bottom one of these, by
 * default the first.
 */
export function stackOrder(
  count: number,
  { chosen, rejected }: { readonly chosen: number; readonly rejected: number },
  last?: number | null,
): number[] {
  const others = Array.from({ length: count }, (_, token) => token).filter((token) => token !== chosen && token !== rejected);
  const bottom = last ?? others[0];
  return [...new Set([chosen, rejected]), ...others.filter((token) => token !== bottom), ...(bottom === undefined ? [] : [bottom])];
}

/** [order.length + 1] upper edges of the bands as shares from above, from 0 to exactly 1. */
export function edgesOf(shares: readonly number[], order: readonly number[]): number[] {
  const total = order.reduce((sum, token) => sum + (shares[token] ?? 0), 0);
  let sum = 0;
  const edges = [0];
  for (const token of order) {
    sum += shares[token] ?? 0;
    edges.push(sum / total);
  }
  edges[edges.length - 1] = 1;
  return edges;
}

/** Every so many states, with the last: more columns than `most` would not be seen. */
export function thinned<T>(states: readonly T[], most = 400): readonly T[] {
  const stride = Math.ceil(states.length / most);
  return stride <= 1 ? states : states.filter((_, index) => index % stride === 0 || index === states.length - 1);
}

/** The stack at one place of the x axis. */
export interface Column {
  readonly at: number;
  readonly edges: readonly number[];
}

/** The area of a band over these columns: from one edge of the stack to the next. */
export function bandPath(columns: readonly Column[], band: number, y: (share: number) => number): string {
  if (columns.length < 2) return '';
  const edge = (k: number) => (column: Column) => `${column.at.toFixed(1)} ${y(column.edges[k] ?? 0).toFixed(1)}`;
  return `M${columns.map(edge(band)).join('L')}L${columns
    .toReversed()
    .map(edge(band + 1))
    .join('L')}Z`;
}
