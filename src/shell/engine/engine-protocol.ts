import type { Parameters, RecordedStep, SweepResult } from '../../core/experiment.ts';
import type { Trial, TrialExperiment, TrialsOptions } from '../../core/trial.ts';
import type { Engine } from '../../train/engine.ts';
import type { DeviceMeasurement } from './device-check.ts';

/** Engine calls that take plain JSON and answer once, with progress on the way. */
export type EngineCall = 'train' | 'sweep' | 'prepareSweep' | 'diagnose' | 'trainOnPolicy' | 'matchTarget' | 'flow' | 'trials';
/** The arguments of a call, without its RunOptions: functions and signals do not travel. */
export type CallArguments<C extends EngineCall> = C extends 'diagnose'
  ? Parameters_<C>
  : C extends 'trials'
    ? [readonly TrialExperiment[], PlainTrialsOptions]
    : [Parameters_<C>[0]];
/** What of the options of trials is data. */
export type PlainTrialsOptions = Pick<TrialsOptions, 'measures' | 'record' | 'resume'>;
/** What has finished of a call: the map so far, or the trials that are new. */
export type PartialResult = SweepResult | readonly (readonly [number, Trial])[];
type Parameters_<C extends EngineCall> = globalThis.Parameters<Engine[C]>;
/** Trials travel as they finish. */
export type CallResult<C extends EngineCall> = C extends 'trials' ? null : Awaited<ReturnType<Engine[C]>>;

/** What the page asks of the engine's worker. Calls are answered each under its `id`. `partials`: what has finished is heard of on the way. */
export type EngineRequest = { id: number } & (
  | { call: 'open'; backend: Engine['backend'] | 'auto' }
  | { call: 'startRun'; experiment: globalThis.Parameters<Engine['startRun']>[0] }
  | { call: 'advance'; run: number; updates: number; record?: readonly number[] }
  | { call: 'parameters'; run: number }
  | { call: 'disposeRun'; run: number }
  | { call: 'invoke'; method: EngineCall; args: readonly unknown[]; partials: boolean }
  | { call: 'check' }
  | { call: 'cancel'; target: number }
);

export type EngineReply =
  | { call: 'open'; value: Pick<Engine, 'backend' | 'adapter' | 'fallbackReason'> }
  | { call: 'startRun'; value: number }
  | { call: 'advance'; value: { step: number; steps: RecordedStep[] } }
  | { call: 'parameters'; value: Parameters }
  | { call: 'disposeRun'; value: null }
  | { call: 'invoke'; value: unknown }
  | { call: 'check'; value: DeviceMeasurement[] }
  | { call: 'cancel'; value: null };

interface PlainError {
  name: string;
  message: string;
}

/**
 * What the worker says: an answer, news of a call under way, that its engine went away, that a file of its code is missing, or which lock
 * it holds while it lives.
 */
export type EngineEvent =
  | { id: number; reply: EngineReply }
  | { id: number; error: PlainError }
  | { id: number; progress: { done: number; total: number } }
  | { id: number; partial: PartialResult }
  | { lost: PlainError }
  | { missing: PlainError }
  | { life: string };

export const plainError = (error: unknown): PlainError =>
  error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };
