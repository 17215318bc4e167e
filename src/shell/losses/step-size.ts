import { ranges } from '../../atlas/toys/ranges.ts';
import { forcesOf, type PageChoice, type PairState } from './objective-view.ts';

/**
 * The step size at which an objective's first update pushes the pair as hard as a known one's does, kept within the slider: forces of
 * objectives differ by orders of magnitude.
 */
export function matchedLearningRate(
  objective: PageChoice,
  known: { readonly objective: PageChoice; readonly learningRate: number },
  start: PairState,
): number {
  const strength = (choice: PageChoice): number => {
    const { chosen, rejected } = forcesOf(choice)(start);
    return Math.max(Math.abs(chosen), Math.abs(rejected));
  };
  const own = strength(objective);
  const matched = own > 0 && Number.isFinite(own) ? (known.learningRate * strength(known.objective)) / own : known.learningRate;
  const { min, max } = ranges.learningRate;
  return Math.min(max, Math.max(min, Number(matched.toPrecision(2))));
}
