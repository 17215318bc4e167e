import type { Trial, TrialExperiment, TrialsOptions } from '../../../core/trial.ts';
import { spread } from './spread.ts';

/** One of the engines that trials are spread over. */
export interface Trier {
  trials(experiments: readonly TrialExperiment[], options?: TrialsOptions): Promise<Trial[]>;
}

/** Updates from which on an engine on every core is worth its start. */
const worthSpreading = 200_000;

/** Updates that an experiment asks for; NaN of what is none. */
export const updatesOf = (experiment: TrialExperiment): number => {
  if (experiment && 'sampling' in experiment) return experiment.sampling?.rounds * experiment.sampling?.updates;
  const first = experiment?.optimizer?.steps;
  return (experiment?.stages ?? []).reduce?.((sum, stage) => sum + (stage?.optimizer?.steps ?? first), first) ?? Number.NaN;
};

/** The same, where an update on samples counts as often as there are samples. */
const workOf = (experiment: TrialExperiment): number => {
  if (!experiment || !('sampling' in experiment)) return updatesOf(experiment);
  return updatesOf(experiment) * experiment.sampling?.groups * experiment.sampling?.n * experiment.rewards?.length;
};

/** Whether to spread trials. What is none is left to a single engine, which says what is wrong with it. */
export function areWorthSpreading(experiments: readonly TrialExperiment[]): boolean {
  if (!Array.isArray(experiments) || experiments.length < 2) return false;
  return experiments.reduce((sum: number, experiment: TrialExperiment) => sum + workOf(experiment), 0) >= worthSpreading;
}

/** What another engine trains: it counts as finished here. */
const elsewhere: Trial = { final: {}, measures: {}, diverged: false };

/**
 * Trials on several engines at once: each trains every n-th experiment and is told that the others' are finished. So every number is
 * computed as by one engine alone, whatever their number. Rejects with what any of them rejects with, when all have stopped.
 */
export async function spreadTrials(
  engines: readonly Trier[],
  experiments: readonly TrialExperiment[],
  options: TrialsOptions = {},
): Promise<Trial[]> {
  const { resume, signal: given, onProgress, onPartial, ...wanted } = options;
  const finished = new Map(resume);
  await spread(engines, given, async (engine, owner, signal) => {
    const known = new Map<number, Trial>(resume);
    for (const index of experiments.keys()) if (index % engines.length !== owner && !known.has(index)) known.set(index, elsewhere);
    const [stand] = experiments;
    // what it does not train need not travel: one experiment stands for all of it
    const own = experiments.map((experiment, index) => (known.has(index) ? (stand as TrialExperiment) : experiment));
    const hear = (all: ReadonlyMap<number, Trial>, fresh: readonly number[]): void => {
      for (const index of fresh) finished.set(index, all.get(index) as Trial);
      onProgress?.(finished.size, experiments.length);
      onPartial?.(finished, fresh);
    };
    await engine.trials(own, { ...wanted, resume: known, signal, onPartial: hear });
  });
  return experiments.map((_, index) => finished.get(index) as Trial);
}
