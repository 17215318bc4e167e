import type { RecordedStep } from '../../../../core/experiment.ts';
import { moveOfProbability, overtakingOf } from '../../../../core/regime.ts';
import type { Cast } from '../../story.ts';

/** Where a run turns: another answer overtakes the chosen one, or that one has risen first and begins to fall. */
export interface Turn {
  readonly kind: 'overtaken' | 'peak';
  readonly step: number;
  /** who overtakes */
  readonly by: number | null;
}

const at = (values: readonly number[] | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** Where the run of these states turns; null: nowhere. */
export function turnOf(steps: readonly RecordedStep[], cast: Cast): Turn | null {
  const [start] = steps;
  const end = steps.at(-1);
  if (!start || !end) return null;
  const chosenAt = ({ probs }: RecordedStep): number => at(probs, cast.chosen);
  const peak = steps.reduce((best, step) => (chosenAt(step) > chosenAt(best) ? step : best), start);
  if (moveOfProbability(chosenAt(start), chosenAt(peak)) === 'rises' && moveOfProbability(chosenAt(peak), chosenAt(end)) === 'falls')
    return { kind: 'peak', step: peak.step, by: null };
  const overtaken = overtakingOf(steps, cast);
  return overtaken && { kind: 'overtaken', ...overtaken };
}
