import type { RecordedStep } from '../core/experiment.ts';

/** False for a state that training has blown up: such a state has no numbers to show. */
export function isFiniteStep(step: RecordedStep): boolean {
  return (
    Number.isFinite(step.loss) &&
    [...step.chosenLogps, ...step.rejectedLogps, ...(step.outcomeLogps ?? []), ...(step.probs ?? [])].every(Number.isFinite)
  );
}
