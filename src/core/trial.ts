import type { Experiment, Parameters, RecordedStep, RunOptions } from './experiment.ts';
import type { OnPolicyExperiment, OnPolicyRound } from './on-policy.ts';

/** What trials train: a run on pairs or groups, or rounds of sampling, which are told by their `sampling`. */
export type TrialExperiment = Experiment | OnPolicyExperiment;

/** What one of many experiments gave. */
export interface Trial {
  /** the parameters after the last update; all NaN where the run diverged */
  final: Parameters;
  /** [prompts × K] log-probabilities of every outcome after the last update; absent for policies over tokens */
  outcomeLogps?: number[];
  /** the measures that were asked for; NaN where the run diverged, or has nothing to measure them by */
  measures: Record<string, number>;
  /** the states that were asked for; absent on-policy */
  steps?: RecordedStep[];
  /** on-policy: the states at those updates that were asked for */
  rounds?: OnPolicyRound[];
  /** its numbers were lost: a loss or a parameter is not finite */
  diverged: boolean;
}

export interface TrialsOptions extends RunOptions {
  /** names of the measures wanted, out of `measureNames`; default none */
  measures?: readonly string[];
  /** updates whose states are wanted as well; default none. It stands in place of each experiment's own `record`. */
  record?: readonly number[];
  /** what an earlier call for the same trials has finished, by their place in the list; they are not trained again */
  resume?: ReadonlyMap<number, Trial>;
  /**
   * Hears of all finished trials, by their place in the list, and which of them are new, now and then; once more before a cancelled call
   * rejects. The map is the same at each call, and grows.
   */
  onPartial?(finished: ReadonlyMap<number, Trial>, fresh: readonly number[]): void;
}
