import type { RecordedStep } from '../../../core/experiment.ts';
import type { Cast } from '../story.ts';

/** The answers from the top of the stack down: the chosen, the rejected (a group may hold both), the others, and at the bottom who gains most in the run. */
export function stackOrder({ tokens, chosen, rejected }: Cast, heir: number | null): number[] {
  const others = tokens.map((_, token) => token).filter((token) => token !== chosen && token !== rejected && token !== heir);
  return [...new Set([chosen, rejected]), ...others, ...(heir === null ? [] : [heir])];
}

/** The answer outside the pair that ends with the most points more than it began with. */
export function heirOf(start: RecordedStep, end: RecordedStep, { tokens, chosen, rejected }: Cast): number | null {
  const gain = (token: number): number => (end.probs?.[token] ?? 0) - (start.probs?.[token] ?? 0);
  const outside = tokens.map((_, token) => token).filter((token) => token !== chosen && token !== rejected);
  return outside.reduce<number | null>((best, token) => (best === null || gain(token) > gain(best) ? token : best), null);
}

/** [order.length + 1] upper edges of the bands as shares from above, from 0 to exactly 1. */
export function edgesOf(probs: readonly number[], order: readonly number[]): number[] {
  const total = order.reduce((sum, token) => sum + (probs[token] ?? 0), 0);
  let sum = 0;
  const edges = [0];
  for (const token of order) {
    sum += probs[token] ?? 0;
    edges.push(sum / total);
  }
  edges[edges.length - 1] = 1;
  return edges;
}

/** Most columns that are drawn: more would not be seen. */
const mostColumns = 400;

/** Every so many states, with the last. */
export function thinned<T>(states: readonly T[]): readonly T[] {
  const stride = Math.ceil(states.length / mostColumns);
  return stride <= 1 ? states : states.filter((_, index) => index % stride === 0 || index === states.length - 1);
}
