import type { Experiment, PairDiagnosis, Parameters, RecordedStep } from '../../core/experiment.ts';
import type { FlowExperiment, FlowLines } from '../../core/flow.ts';
import type { OnPolicyExperiment, OnPolicyRound } from '../../core/on-policy.ts';
import type { Trial, TrialExperiment } from '../../core/trial.ts';
import type { Engine } from '../../train/engine.ts';
import { logpsOf, type Work } from './engine-comparison.ts';

/** What the CPU engine is asked to do again takes a moment at most: a GPU that computes wrongly shows it in the first states. */
export const latestStep = 500;
export const hasNoNumber = (logps: readonly number[]): boolean => !logps.every(Number.isFinite);

/** The first of these states in which a log-prob is no finite number, if it is early enough to be checked. */
export const suspectOf = (steps: readonly RecordedStep[]): RecordedStep | undefined =>
  steps.find((step) => step.step <= latestStep && hasNoNumber(logpsOf(step)));

/** Work whose numbers are checked: also some that no comparison does again. */
export type CheckedWork =
  | Work
  | { readonly kind: 'rounds'; readonly experiment: OnPolicyExperiment; readonly rounds: readonly OnPolicyRound[] }
  | { readonly kind: 'flow'; readonly experiment: FlowExperiment; readonly lines: FlowLines }
  | {
      readonly kind: 'diagnosis';
      readonly experiment: Experiment;
      readonly parameters?: Parameters;
      readonly pairs: readonly PairDiagnosis[];
    }
  | { readonly kind: 'trials'; readonly experiments: readonly TrialExperiment[]; readonly trials: readonly Trial[] };

export type Twin = Pick<Engine, 'startRun' | 'matchTarget' | 'sweep' | 'trials' | 'trainOnPolicy' | 'flow' | 'diagnose'>;
