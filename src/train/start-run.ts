import type { Backend } from '../backend/backend.ts';
import type { Experiment, RunOptions, Trajectory } from '../core/experiment.ts';
import type { TrainingRun } from './run.ts';
import { ToyRun } from './toy-run.ts';
import { trainRun } from './train-run.ts';
import { validateExperiment } from './validate/validate-experiment.ts';

/** A run of an experiment, with its stages if it has any, to be driven by hand. */
export async function startRun(backend: Backend, experiment: Experiment): Promise<TrainingRun> {
  if (typeof experiment !== 'object' || experiment === null) validateExperiment(experiment);
  if (!experiment.stages) return ToyRun.open(backend, experiment);
  const { startStages } = await import('./stages.ts');
  return startStages(backend, experiment);
}

/** Trains a run to its end, stage after stage. */
export async function trainToEnd(backend: Backend, experiment: Experiment, options: RunOptions = {}): Promise<Trajectory> {
  const run = await startRun(backend, experiment);
  try {
    return await trainRun(run, options);
  } finally {
    run.dispose();
  }
}
