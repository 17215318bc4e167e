import type { RecordedStep } from '../../../core/experiment.ts';
import type { Cast } from '../story.ts';

/** The answer outside the pair that ends with the most points more than it began with. */
export function heirOf(start: RecordedStep, end: RecordedStep, { tokens, chosen, rejected }: Cast): number | null {
  const gain = (token: number): number => (end.probs?.[token] ?? 0) - (start.probs?.[token] ?? 0);
  const outside = tokens.map((_, token) => token).filter((token) => token !== chosen && token !== rejected);
  return outside.reduce<number | null>((best, token) => (best === null || gain(token) > gain(best) ? token : best), null);
}
