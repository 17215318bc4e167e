import type { Experiment } from '../core/experiment.ts';
import type { CompiledObjective } from '../objectives/compile.ts';
import type { CompiledGroupObjective } from '../objectives/group-compile.ts';
import { overOf } from '../objectives/over.ts';
import { resolveObjective } from '../objectives/resolve.ts';
import { definePolicy, knowPolicy } from '../policies/kinds.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import { validateMiniBatches } from './mini-batches.ts';
import type { OwnReference } from './own-reference.ts';
import { validateExperiment } from './validate/validate-experiment.ts';

/** An experiment of one stage that has been checked, with what it names made once: its data, its policy and its loss. */
export interface Prepared {
  readonly experiment: Experiment;
  readonly definition: PolicyDefinition;
  /** null: it compares with the policy at its start */
  readonly own: OwnReference | null;
  readonly loss:
    | { readonly over: 'pairs'; readonly objective: CompiledObjective }
    | { readonly over: 'groups'; readonly objective: CompiledGroupObjective };
}

/** How losses are resolved; whoever prepares many experiments remembers those that it has seen. */
export interface Resolvers {
  pairs(choice: Experiment['objective']): CompiledObjective;
  /** of the module that only groups need */
  groups(make: (choice: Experiment['objective']) => CompiledGroupObjective, choice: Experiment['objective']): CompiledGroupObjective;
}
const anew: Resolvers = { pairs: resolveObjective, groups: (make, choice) => make(choice) };

/** Rejects with an ExperimentError, ObjectiveError or ExpressionError for whatever could not be trained. */
export async function prepare(described: Experiment, resolve: Resolvers = anew, definition?: PolicyDefinition): Promise<Prepared> {
  const experiment = described?.data !== undefined ? (await import('./validate/resolve-data.ts')).resolveData(described) : described;
  await knowPolicy(experiment?.policy);
  validateExperiment(experiment);
  const { policy, seed, groups, objective: choice } = experiment;
  const made = definition ?? definePolicy(policy, seed);
  const own =
    experiment.reference || experiment.syncReference ? await (await import('./own-reference.ts')).ownReference(experiment, made) : null;
  if (groups) {
    const { resolveOnGroups } = await import('./group/group-run.ts');
    return { experiment, definition: made, own, loss: { over: 'groups', objective: resolve.groups(resolveOnGroups, choice) } };
  }
  // an objective of groups is refused by who knows them
  const objective = overOf(choice) === 'groups' ? (await import('./group/group-run.ts')).resolveOnPairs(choice) : resolve.pairs(choice);
  validateMiniBatches(experiment, objective);
  return { experiment, definition: made, own, loss: { over: 'pairs', objective } };
}
