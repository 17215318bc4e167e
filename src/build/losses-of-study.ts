import { fillTable } from '../atlas/run-study.ts';
import type { Study } from '../atlas/study.ts';
import type { Experiment, ObjectiveChoice, Stage } from '../core/experiment.ts';
import type { OnPolicyExperiment } from '../core/on-policy.ts';
import type { Over } from '../objectives/over.ts';
import { resolveName } from '../objectives/resolve.ts';
import { catalogue, findEntry, slugOf } from '../objectives/whole-catalogue.ts';
import type { Engine } from '../train/engine.ts';
import { spelt } from '../train/on-policy/on-policy-loss.ts';

/** The entries that a choice is made of, by `slugOf`; a typed line has none. */
function slugsOf(choice: ObjectiveChoice, on: Over): string[] {
  if ('mix' in choice) return choice.mix.flatMap(({ objective }) => slugsOf(objective, on));
  if ('expression' in choice) return [];
  const entry = (on === 'pairs' ? resolveName(choice.name, choice.params)?.objective : null) ?? findEntry(choice.name, on);
  return entry ? [slugOf(entry)] : [];
}

/** The losses that an experiment takes updates with, stage by stage. */
function trainedBy(experiment: Experiment | OnPolicyExperiment): string[] {
  if ('sampling' in experiment) return slugsOf(spelt(experiment.method).objective, 'groups');
  const on = experiment.groups ? 'groups' : 'pairs';
  const first: Stage = { objective: experiment.objective, optimizer: experiment.optimizer };
  let [objective, steps] = [experiment.objective, experiment.optimizer.steps];
  return [first, ...(experiment.stages ?? [])].flatMap((stage) => {
    objective = stage.objective ?? objective;
    steps = stage.optimizer?.steps ?? steps;
    return steps > 0 ? slugsOf(objective, on) : [];
  });
}

const few = <T extends { readonly steps: number }>(optimizer: T): T => ({ ...optimizer, steps: Math.min(1, optimizer.steps) });

/** The same experiment, which is over after an update of each stage. */
function brief<T extends Experiment | OnPolicyExperiment>(experiment: T): T {
  if ('sampling' in experiment) return { ...experiment, sampling: { ...experiment.sampling, rounds: 1, updates: 1 } };
  const { optimizer, stages, record: _, ...rest } = experiment;
  return {
    ...rest,
    optimizer: few(optimizer),
    ...(stages ? { stages: stages.map((stage) => (stage.optimizer ? { ...stage, optimizer: few(stage.optimizer) } : stage)) } : {}),
  } as T;
}

/**
 * Which losses of the catalogue a study trains, or asks for the geometry of, in the order of the catalogue: every arm is trained, through
 * all of its stages, with the first seed and an update each. Rejects as the study does.
 */
export async function lossesOfStudy(study: Study, engine: Engine): Promise<string[]> {
  const found = new Set<string>();
  const note = (slugs: readonly string[]): void => {
    for (const slug of slugs) found.add(slug);
  };
  const { record: _, ...rest } = study;
  await fillTable(
    { ...rest, measures: {} },
    {
      backend: engine.backend,
      trials: (experiments, options) => {
        note(experiments.flatMap(trainedBy));
        return engine.trials(experiments.map(brief), options);
      },
      diagnose: (experiment) => {
        note(slugsOf(experiment.objective, experiment.groups ? 'groups' : 'pairs'));
        return engine.diagnose(experiment);
      },
      matchTarget: ({ record: _, ...target }, options) => engine.matchTarget({ ...target, optimizer: few(target.optimizer) }, options),
    },
    { seeds: 1 },
  );
  return catalogue.map(slugOf).filter((slug) => found.has(slug));
}
