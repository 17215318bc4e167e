import type { Backend } from '../backend/backend.ts';
import type { Experiment, RunOptions, Trajectory } from '../core/experiment.ts';
import { type Prepared, prepare, type Resolvers } from './prepared.ts';
import type { TrainingRun } from './run.ts';
import type { PreparedStages } from './stages.ts';
import { ToyRun } from './toy-run.ts';
import { trainRun } from './train-run.ts';

/** A checked experiment: of one stage, or of several. */
export type PreparedRun = Prepared | PreparedStages;

/** Rejects for whatever could not be trained, in any stage. */
export async function prepareRun(experiment: Experiment, resolve?: Resolvers): Promise<PreparedRun> {
  if (!experiment?.stages) return prepare(experiment, resolve);
  const { prepareStages } = await import('./stages.ts');
  return prepareStages(experiment, resolve);
}

/** A run of a checked experiment, to be driven by hand. */
export async function startPrepared(backend: Backend, prepared: PreparedRun): Promise<TrainingRun> {
  if (!('stages' in prepared) && !prepared.own) return ToyRun.open(backend, prepared);
  const { startStages } = await import('./stages.ts');
  return startStages(backend, prepared);
}

/** A run of an experiment, with its stages if it has any, to be driven by hand. */
export const startRun = async (backend: Backend, experiment: Experiment): Promise<TrainingRun> =>
  startPrepared(backend, await prepareRun(experiment));

/** Trains a run to its end, stage after stage. */
export async function trainToEnd(backend: Backend, experiment: Experiment, options: RunOptions = {}): Promise<Trajectory> {
  const run = await startRun(backend, experiment);
  try {
    return await trainRun(run, options);
  } finally {
    run.dispose();
  }
}
