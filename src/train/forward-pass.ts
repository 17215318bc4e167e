import type { Backend, SequenceTask, Storage } from '../backend/backend.ts';
import type { CompiledObjective } from '../objectives/compile.ts';
import type { PairConstant } from '../objectives/inputs.ts';

/** The storages of one side while its log-probs and gradients are computed. */
export interface SideStorages {
  task: SequenceTask;
  logps: Storage;
  gradient: Storage;
}

/** Row stats and sequence log-probs of one side whose logits are in place. */
export function computeLogps(backend: Backend, { task, logps }: Omit<SideStorages, 'gradient'>): void {
  const { sequences, positions, columns, logits, mask, stats } = task;
  backend.logSumExp({ rows: sequences * positions, columns, logits, mask, stats });
  backend.sequenceLogps({ ...task, logps });
}

export interface LossStorages {
  objective: CompiledObjective;
  objectiveParameters: Storage;
  pairInputs: Storage;
  weights: Storage;
  losses: Storage;
  slopes: Storage;
}

/** Losses and slopes of all pairs from the two sides' log-probs. */
export function computeLosses(backend: Backend, chosen: SideStorages, rejected: SideStorages, loss: LossStorages): void {
  backend.pairLosses({ ...loss, pairs: chosen.task.sequences, chosenLogps: chosen.logps, rejectedLogps: rejected.logps });
}

/** d(mean loss)/d(logits) of both sides from the slopes. */
export function computeGradients(
  backend: Backend,
  chosen: SideStorages,
  rejected: SideStorages,
  { slopes }: Pick<LossStorages, 'slopes'>,
): void {
  backend.preferenceGradients({ ...chosen.task, side: 'chosen', slopes, gradient: chosen.gradient });
  backend.preferenceGradients({ ...rejected.task, side: 'rejected', slopes, gradient: rejected.gradient });
}

/** The columns that the objective reads of each pair, as one [B, inputs] block; never empty, because a binding may not be. */
export function packPairInputs(
  pairs: number,
  objective: CompiledObjective,
  columns: Readonly<Record<PairConstant, ArrayLike<number>>>,
): Float64Array {
  const { length: width } = objective.inputs;
  const block = new Float64Array(Math.max(1, pairs * width));
  for (const [column, name] of objective.inputs.entries())
    for (let pair = 0; pair < pairs; pair++) block[pair * width + column] = columns[name][pair] ?? Number.NaN;
  return block;
}

/** The objective's parameter values on the backend; never empty, because a binding may not be. */
export const uploadObjectiveParameters = (backend: Backend, objective: CompiledObjective): Storage =>
  backend.upload(Float64Array.from(objective.parameterValues.length > 0 ? objective.parameterValues : [0]));
