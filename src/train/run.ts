import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';

/** One training run that can be driven a few steps at a time. Calls are answered in order. */
export interface TrainingRun {
  readonly experiment: Experiment;
  /** updates done so far */
  readonly step: number;
  /**
   * Trains `updates` more steps (0 is allowed) and returns the recorded states in order.
   * `record` lists absolute steps from the present one to the last; default: only the last.
   */
  advance(updates: number, record?: readonly number[]): Promise<RecordedStep[]>;
  /** The present parameters. */
  parameters(): Promise<Parameters>;
  dispose(): void;
}
