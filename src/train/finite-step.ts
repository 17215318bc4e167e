import type { RecordedStep } from '../core/experiment.ts';

/** False for a state that training has blown up: such a state has no numbers to show. */
export function isFiniteStep(step: RecordedStep): boolean {
  return (
    Number.isFinite(step.loss) &&
    [...step.chosenLogps, ...step.rejectedLogps, ...(step.outcomeLogps ?? []), ...(step.probs ?? [])].every(Number.isFinite)
  );
}

/** The states before the first that has overflowed. The start is a state of the policy, whatever the loss is there. */
export function finitePart(steps: readonly RecordedStep[]): readonly RecordedStep[] {
  const end = steps.findIndex((step) => !isFiniteStep(step.step === 0 ? { ...step, loss: 0 } : step));
  return end < 0 ? steps : steps.slice(0, end);
}
