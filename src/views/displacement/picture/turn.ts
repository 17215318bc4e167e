import type { RecordedStep } from '../../../core/experiment.ts';
import { moveOfProbability } from '../../../core/regime.ts';
import type { Cast } from '../story.ts';

/** Where a run turns: another answer overtakes the chosen one, or that one has risen first and begins to fall. */
export interface Turn {
  readonly kind: 'overtaken' | 'peak';
  readonly step: number;
  /** who overtakes */
  readonly by: number | null;
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** The most probable answer outside the pair. */
const topOther = ({ probs = [] }: RecordedStep, { chosen, rejected }: Cast): number =>
  probs.reduce((best, prob, token) => (token !== chosen && token !== rejected && (best < 0 || prob > at(probs, best)) ? token : best), -1);

/** Where the run of these states turns; null: nowhere. */
export function turnOf(steps: readonly RecordedStep[], cast: Cast): Turn | null {
  const [start] = steps;
  const end = steps.at(-1);
  if (!start || !end) return null;
  const chosenAt = ({ probs }: RecordedStep): number => at(probs, cast.chosen);
  const peak = steps.reduce((best, step) => (chosenAt(step) > chosenAt(best) ? step : best), start);
  if (moveOfProbability(chosenAt(start), chosenAt(peak)) === 'rises' && moveOfProbability(chosenAt(peak), chosenAt(end)) === 'falls')
    return { kind: 'peak', step: peak.step, by: null };
  if (at(start.probs, topOther(start, cast)) > chosenAt(start)) return null;
  const over = steps.find((step) => at(step.probs, topOther(step, cast)) > chosenAt(step));
  if (!over) return null;
  const by = topOther(over, cast);
  return moveOfProbability(at(start.probs, by), at(over.probs, by)) === 'rises' ? { kind: 'overtaken', step: over.step, by } : null;
}
