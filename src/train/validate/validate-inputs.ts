import { experimentColumns, validateMasks } from '../passes/experiment-columns.ts';
import type { Prepared } from '../prepared.ts';

/** Throws an ExperimentError where pairs or groups lack what their loss reads of them: a run alone would say so as it starts. */
export async function validateInputs({ experiment: { pairs, groups = [] }, loss }: Prepared): Promise<void> {
  if (loss.over === 'groups') {
    const { validateGroupInputs } = await import('../group/group-run.ts');
    validateGroupInputs(loss.objective, groups);
    return;
  }
  validateMasks(pairs, loss.objective);
  const needed = loss.objective.inputs.filter((name) => name === 'label' || name === 'reward_w' || name === 'reward_l');
  if (needed.length === 0) return;
  const { columns, missing } = experimentColumns({ pairs }, [], []);
  for (const name of needed) if (!columns[name]) throw missing(name);
}
