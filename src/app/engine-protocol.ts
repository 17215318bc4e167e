import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import type { Engine } from '../train/engine.ts';

/** What the page asks of the engine's worker. Calls are answered in order, each under its `id`. */
export type EngineRequest = { id: number } & (
  | { call: 'open'; backend: Engine['backend'] | 'auto' }
  | { call: 'startRun'; experiment: Experiment }
  | { call: 'advance'; run: number; updates: number; record?: readonly number[] }
  | { call: 'parameters'; run: number }
  | { call: 'disposeRun'; run: number }
);

export type EngineReply =
  | { call: 'open'; value: Pick<Engine, 'backend' | 'adapter' | 'fallbackReason'> }
  | { call: 'startRun'; value: number }
  | { call: 'advance'; value: { step: number; steps: RecordedStep[] } }
  | { call: 'parameters'; value: Parameters }
  | { call: 'disposeRun'; value: null };

interface PlainError {
  name: string;
  message: string;
}

/** What the worker says: an answer, or that its engine went away. */
export type EngineEvent = { id: number; reply: EngineReply } | { id: number; error: PlainError } | { lost: PlainError };

export const plainError = (error: unknown): PlainError =>
  error instanceof Error ? { name: error.name, message: error.message } : { name: 'Error', message: String(error) };
