import type { Experiment } from '../../core/experiment.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../../core/optimizer.ts';
import { resolveObjective } from '../../objectives/resolve.ts';
import { definePolicy } from '../../policies/kinds.ts';
import { hasMask } from '../experiment-columns.ts';
import { canPack, EnsembleProgram, type EnsembleRun, flatParameters } from '../sweep/ensemble.ts';

/** Experiments that one ensemble trains, by their place in the list. */
export interface Pack {
  readonly indices: readonly number[];
  readonly program: EnsembleProgram;
  readonly runs: readonly EnsembleRun[];
}

/** Whether a run is one of those that ensembles train: every update on all pairs, without passes that they lack. */
function isPackable(experiment: Experiment, optimizer: Optimizer): boolean {
  const { stages, groups, pairs, optimizer: choice } = experiment;
  if (stages || groups || hasMask(pairs) || choice.batchSize !== undefined) return false;
  return canPack(resolveObjective(experiment.objective), optimizer);
}

/**
 * Packs of at least two experiments that share what one program fixes: the policy's shape, the number of pairs, the objective's form and
 * the optimiser's rule. What is left out trains alone. `experiments` have their data generated and are valid.
 */
export function packsOf(experiments: readonly Experiment[]): Pack[] {
  const found = new Map<string, number[]>();
  for (const [index, experiment] of experiments.entries()) {
    const optimizer = findOptimizer(experiment.optimizer.kind) as Optimizer;
    if (!isPackable(experiment, optimizer)) continue;
    const { fused } = definePolicy(experiment.policy, experiment.seed);
    if (!fused) continue;
    const { wgsl, parameterNames } = resolveObjective(experiment.objective);
    const key = JSON.stringify([...[fused.key, experiment.pairs.length, wgsl, parameterNames, optimizer.id]]);
    const indices = found.get(key);
    if (indices) indices.push(index);
    else found.set(key, [index]);
  }
  return [...found.values()].filter(({ length }) => length > 1).map((indices) => packOf(indices, experiments));
}

function packOf(indices: readonly number[], experiments: readonly Experiment[]): Pack {
  const members = indices.map((index) => experiments[index] as Experiment);
  const [first] = members as [Experiment];
  const tables = new Map<string, number>();
  const runs = members.map(({ policy, seed, pairs, optimizer, objective }): EnsembleRun => {
    const key = JSON.stringify(pairs);
    const table = tables.get(key) ?? tables.size;
    tables.set(key, table);
    return {
      table,
      initial: flatParameters(definePolicy(policy, seed)),
      settings: updateSettings(optimizer),
      steps: optimizer.steps,
      objectiveParameters: resolveObjective(objective).parameterValues,
    };
  });
  const pairTables = [...tables.keys()].map((_, table) => members[runs.findIndex((run) => run.table === table)]?.pairs ?? []);
  const program = new EnsembleProgram(
    definePolicy(first.policy, first.seed),
    pairTables,
    resolveObjective(first.objective),
    findOptimizer(first.optimizer.kind) as Optimizer,
  );
  return { indices, program, runs };
}
