import type { Policy } from '../../core/experiment.ts';
import { findOptimizer, type Optimizer, updateSettings } from '../../core/optimizer.ts';
import { hasMask } from '../experiment-columns.ts';
import { canPack } from '../sweep/ensemble.ts';
import type { Entry } from './entries.ts';
import type { Packable } from './pack.ts';

const numbersOfPolicies = new Set(['logits', 'hidden', 'unembedding', 'table', 'weights', 'noise', 'scale']);

/** What of a policy says which rows and tokens there are, as text: all but the numbers that are trained, and frozen offsets with theirs. */
function structureOf(policy: Policy): string {
  return JSON.stringify(policy, (key, value) => {
    if (key === 'offsets') return JSON.stringify(value);
    return numbersOfPolicies.has(key) ? undefined : value;
  });
}

/** Of each run that ensembles train, every update on all pairs without passes that they lack, what goes into one; of others null. */
export function packablesOf(entries: readonly (Entry | null)[]): (Packable | null)[] {
  const tables = new Map<string, Packable['pairs']>();
  return entries.map((entry) => {
    if (entry?.kind !== 'run' || 'stages' in entry.prepared || entry.prepared.loss.over !== 'pairs') return null;
    const { experiment, definition, loss } = entry.prepared;
    const { objective } = loss;
    const { policy, pairs: given, optimizer: choice } = experiment;
    const optimizer = findOptimizer(choice.kind) as Optimizer;
    if (hasMask(given) || choice.batchSize !== undefined || !canPack(objective, optimizer)) return null;
    const table = JSON.stringify(given);
    const pairs = tables.get(table) ?? given;
    tables.set(table, pairs);
    const { parameterisation, columns, contexts, dimensions } = definition;
    const shape = [parameterisation, columns, contexts, dimensions, pairs.length, objective.wgsl, objective.parameterNames, optimizer.id];
    return {
      key: JSON.stringify([structureOf(policy), ...shape]),
      definition,
      pairs,
      optimizer,
      settings: updateSettings(choice),
      steps: choice.steps,
      objectiveParameters: objective.parameterValues,
      objective: () => objective,
    };
  });
}
