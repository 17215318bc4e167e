import type { Experiment, RecordedStep, Sweep, SweepResult } from '../../core/experiment.ts';
import type { TargetExperiment, TargetStep } from '../../core/on-policy.ts';
import { scientific } from '../controls/format.ts';
import type { Agreement } from '../runs/player.svelte.ts';

/** Work that an engine has done and that another can do again: a run up to a step, a descent to a target, or a sweep. */
export type Work =
  | { readonly kind: 'run'; readonly experiment: Experiment; readonly step: RecordedStep }
  | { readonly kind: 'descent'; readonly experiment: TargetExperiment; readonly steps: readonly TargetStep[] }
  | { readonly kind: 'sweep'; readonly sweep: Sweep; readonly result: SweepResult };

/**
 * What rounding may add to a log-probability of about this size in so many updates, in nats: each update rounds every parameter once, and
 * a log-prob moves by twice as much at most. It holds while the run does not magnify differences; at a large learning rate it may.
 */
export const roundingAllowance = (updates: number, largestLogp: number): number => 2 * Math.max(4, largestLogp) * 2 ** -24 * (updates + 2);

/** Whether rounding explains a difference, in words. */
export const allowanceWords = ({ largestDifference, allowance }: Agreement): string =>
  largestDifference <= allowance
    ? `float32’s rounding may add ${scientific(allowance)}`
    : `more than the ${scientific(allowance)} that float32’s rounding adds by itself: the run magnifies it, or the engine errs`;

export const logpsOf = ({ chosenLogps, rejectedLogps, outcomeLogps = [] }: RecordedStep): number[] => [
  ...chosenLogps,
  ...rejectedLogps,
  ...outcomeLogps,
];
