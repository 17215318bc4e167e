import { area } from 'd3';

/** The area of one answer in a stack of shares. */
export interface Band {
  readonly token: number;
  readonly path: string;
}

/** Most points of a band's edge: a small picture has no more pixels to show. */
const mostPoints = 101;

/** Answers from the top of the stack down: the pair, then the others from the last to the first. */
export const stackOrder = (count: number, { chosen, rejected }: { readonly chosen: number; readonly rejected: number }): number[] => [
  chosen,
  rejected,
  ...Array.from({ length: count }, (_, place) => count - 1 - place).filter((token) => token !== chosen && token !== rejected),
];

/** Of each answer from the top down where its band begins and ends, in shares of the whole height. */
export function stackAt(shares: readonly number[], order: readonly number[]): (readonly [from: number, to: number])[] {
  let edge = 0;
  return order.map((token) => {
    const from = edge;
    edge += shares[token] ?? Number.NaN;
    return [from, edge];
  });
}

/** A run as stacked shares: states[i] are the shares after update i, and the full width is `steps` updates. */
export function bandsOf(
  states: readonly (readonly number[])[],
  order: readonly number[],
  { steps, width, height }: { readonly steps: number; readonly width: number; readonly height: number },
): Band[] {
  const stride = Math.max(1, Math.ceil((states.length - 1) / (mostPoints - 1)));
  const points = states
    .map((shares, step) => ({ x: (step / steps) * width, edges: stackAt(shares, order) }))
    .filter((_, step) => step % stride === 0 || step === states.length - 1);
  return order.map((token, place) => {
    const edge = (point: (typeof points)[number], side: 0 | 1): number => height * (point.edges[place]?.[side] ?? Number.NaN);
    const path = area<(typeof points)[number]>(
      ({ x }) => x,
      (point) => edge(point, 0),
      (point) => edge(point, 1),
    ).digits(1)(points);
    return { token, path: path ?? '' };
  });
}
