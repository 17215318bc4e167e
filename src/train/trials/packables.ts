import { findOptimizer, type Optimizer, updateSettings } from '../../core/optimizer.ts';
import { hasMask } from '../passes/experiment-columns.ts';
import { canPack } from '../sweep/ensemble.ts';
import type { Entry } from './entries.ts';
import type { Packable } from './pack.ts';

/** Of each run that can be trained beside others, every update on all pairs without passes that ensembles lack, what they need; of others null. */
export function packablesOf(entries: readonly (Entry | null)[]): (Packable | null)[] {
  const tables = new Map<string, Packable['pairs']>();
  return entries.map((entry) => {
    if (entry?.kind !== 'run' || 'stages' in entry.prepared || entry.prepared.loss.over !== 'pairs') return null;
    const { experiment, definition, loss } = entry.prepared;
    const { objective } = loss;
    const { pairs: given, optimizer: choice, reference, syncReference } = experiment;
    const form = definition.fused ?? definition.regression;
    if (!form || reference || syncReference) return null;
    const optimizer = findOptimizer(choice.kind) as Optimizer;
    if (hasMask(given) || choice.batchSize !== undefined || !canPack(objective, optimizer)) return null;
    const table = JSON.stringify(given);
    const pairs = tables.get(table) ?? given;
    tables.set(table, pairs);
    return {
      key: JSON.stringify([form.key, pairs.length, objective.wgsl, objective.parameterNames, optimizer.id]),
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
