import type { Backend, SequenceTask, Storage } from '../../backend/backend.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import { computeStatistics, type StatisticStorages } from './batch-statistics.ts';

/** The storages of one side while its log-probs and gradients are computed. */
export interface SideStorages {
  task: SequenceTask;
  logps: Storage;
  gradient: Storage;
  /** present where the objective weights tokens: weights [B, T], and the weighted sums [B] that the loss reads instead of `logps` */
  weighted?: { tokenWeights: Storage; logps: Storage } | undefined;
  /** computes the row stats, where more is wanted of the same reading of the rows */
  readRows?: () => void;
}

/** Row stats and sequence log-probs of one side whose logits are in place. */
export function computeLogps(backend: Backend, { task, logps, weighted, readRows }: Omit<SideStorages, 'gradient'>): void {
  const { sequences, positions, columns, logits, mask, stats } = task;
  if (readRows) readRows();
  else backend.logSumExp({ rows: sequences * positions, columns, logits, mask, stats });
  backend.sequenceLogps({ ...task, logps });
  if (weighted) backend.weightLogps({ ...task, tokenWeights: weighted.tokenWeights, weightedLogps: weighted.logps });
}

export interface LossStorages {
  objective: CompiledObjective;
  objectiveParameters: Storage;
  pairInputs: Storage;
  weights: Storage;
  losses: Storage;
  slopes: Storage;
  /** present where the objective reads statistics of the batch */
  statistics: StatisticStorages | null;
}

/** The log-probs that the loss reads of a side. */
export const lossLogps = ({ logps, weighted }: Pick<SideStorages, 'logps' | 'weighted'>): Storage => weighted?.logps ?? logps;

/** Losses and slopes of all pairs from the two sides' log-probs. */
export function computeLosses(backend: Backend, chosen: SideStorages, rejected: SideStorages, loss: LossStorages): void {
  const batch = { pairs: chosen.task.sequences, chosenLogps: lossLogps(chosen), rejectedLogps: lossLogps(rejected) };
  if (loss.statistics) computeStatistics(backend, { ...batch, ...loss, ...loss.statistics }, chosen.task, rejected.task);
  backend.pairLosses({ ...loss, ...batch });
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
  for (const side of [chosen, rejected]) weightGradient(backend, side);
}

/** Gives each position of a gradient its weight, where the objective weights tokens. */
export function weightGradient(backend: Backend, { task, gradient, weighted }: SideStorages): void {
  if (weighted) backend.weightGradient({ ...task, tokenWeights: weighted.tokenWeights, gradient });
}

/** The objective's parameter values on the backend; never empty, because a binding may not be. */
export const uploadObjectiveParameters = (backend: Backend, objective: Pick<CompiledObjective, 'parameterValues'>): Storage =>
  backend.upload(Float64Array.from(objective.parameterValues.length > 0 ? objective.parameterValues : [0]));
