import type { RecordedStep } from '../../core/experiment.ts';

/** The gap log No − log Never of a state, in nats. */
const gapOf = ({ chosenLogps, rejectedLogps }: RecordedStep): number => (chosenLogps[0] ?? Number.NaN) - (rejectedLogps[0] ?? Number.NaN);

/** Where a run comes to the gap at which another one ends. */
export interface EqualGap {
  /** how far the gap has grown since the start, in nats */
  readonly grown: number;
  /** the update after which the run is there or beyond for the first time */
  readonly step: number;
  /** [answers] their probabilities there: between two updates, in proportion to the gap */
  readonly probs: readonly number[];
}

/**
 * The place on `states` at which the gap between the pair is that of the last of `others`, both from one start; null: it does not come
 * there. A loss that reads the gap alone moves the policy along the gradient of the gap, wherever its reference is: in small steps two such
 * runs pass the same states, and only when differs.
 */
export function atEqualGap(states: readonly RecordedStep[], others: readonly RecordedStep[]): EqualGap | null {
  const [start, end] = [others[0], others.at(-1)];
  if (!start || !end) return null;
  const aim = gapOf(end);
  const index = states.findIndex((state) => gapOf(state) >= aim);
  const [before, after] = [states[index - 1], states[index]];
  if (!after) return null;
  const grown = aim - gapOf(start);
  if (!before) return { grown, step: after.step, probs: after.probs ?? [] };
  const share = (aim - gapOf(before)) / (gapOf(after) - gapOf(before));
  const probs = (after.probs ?? []).map((p, answer) => share * p + (1 - share) * (before.probs?.[answer] ?? Number.NaN));
  return { grown, step: after.step, probs };
}

/** How far the gap has grown over a run, in nats. */
export const grownBy = (states: readonly RecordedStep[]): number => {
  const [start, end] = [states[0], states.at(-1)];
  return start && end ? gapOf(end) - gapOf(start) : Number.NaN;
};
