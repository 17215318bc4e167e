import { UnsupportedError } from '../../core/errors.ts';
import { maxRuns } from '../../core/max-runs.ts';
import type { Trial, TrialExperiment } from '../../core/trial.ts';
import type { ValidOnPolicy } from '../on-policy/on-policy.ts';
import type { Prepared, Resolvers } from '../prepared.ts';
import { rememberingResolvers } from '../remembering.ts';
import { type PreparedRun, prepareRun } from '../start-run.ts';
import { validateInputs } from '../validate/validate-inputs.ts';
import { within } from '../validate/within.ts';
import type { Ends } from './measures.ts';

/** A checked experiment, ready to train. */
export type Entry = Pick<Ends, 'rewards' | 'columns'> &
  ({ readonly kind: 'run'; readonly prepared: PreparedRun } | ({ readonly kind: 'on-policy' } & ValidOnPolicy));

/**
 * All experiments checked and prepared; null where an earlier call has `finished` with one. An error says which one is at fault, and in
 * which stage.
 */
export async function entriesOf(
  experiments: readonly TrialExperiment[],
  finished: ReadonlyMap<number, Trial>,
  breathe: () => Promise<void>,
): Promise<(Entry | null)[]> {
  if (!Array.isArray(experiments)) throw new UnsupportedError('Trials are a list of experiments.');
  if (experiments.length > maxRuns) throw new UnsupportedError(`These are ${experiments.length} trials; at most ${maxRuns} are allowed.`);
  const resolvers = rememberingResolvers();
  const entries: (Entry | null)[] = [];
  for (const [index, experiment] of (experiments as readonly TrialExperiment[]).entries()) {
    entries.push(finished.has(index) ? null : await within(`[${index}]`, () => entryOf(experiment, resolvers)));
    if (index % 64 === 63) await breathe();
  }
  return entries;
}

async function entryOf(experiment: TrialExperiment, resolvers: Resolvers): Promise<Entry> {
  if (typeof experiment !== 'object' || experiment === null || !('sampling' in experiment)) {
    const prepared = await prepareRun(experiment, resolvers);
    if (!('stages' in prepared)) await validateInputs(prepared);
    const { definition } = 'stages' in prepared ? (prepared.stages[0] as Prepared) : prepared;
    return { kind: 'run', prepared, rewards: experiment.data?.rewards, columns: definition.columns };
  }
  const { validateOnPolicy } = await import('../on-policy/validate-on-policy.ts');
  const loss = validateOnPolicy(experiment);
  return { kind: 'on-policy', experiment, loss, rewards: experiment.rewards, columns: experiment.rewards[0]?.length ?? 0 };
}
