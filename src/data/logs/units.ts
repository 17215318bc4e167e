import { inMeans, isReferenceFree, type LogFacts, seriesOf } from './readings/series.ts';

/** In what a log tells how far a response has moved: nats since the reference, the reward as it is, or a log-prob itself. */
export type Unit = 'change' | 'reward' | 'logp' | 'per-token';

/**
 * What is drawn of chosen and rejected. Rewards are β·(log π − log π_ref): divided by β they are the change in nats. Without a reference
 * (SimPO, ORPO, CPO) rewards say nothing that the log-probs do not.
 */
export function unitOf(log: Pick<LogFacts, 'steps' | 'columns' | 'beta'>): Unit | null {
  const has = (name: string): boolean => seriesOf(log, name) !== null;
  if ((has('rewards/chosen') || has('rewards/rejected')) && !isReferenceFree(log)) return log.beta === null ? 'reward' : 'change';
  if (!has('logps/chosen') && !has('logps/rejected')) return null;
  return inMeans(log) ? 'per-token' : 'logp';
}

/** The column of a side in that unit, and by what its numbers are divided. */
export const sideColumn = (unit: Unit, side: 'chosen' | 'rejected', beta: number | null): { column: string; divisor: number } => ({
  column: unit === 'change' || unit === 'reward' ? `rewards/${side}` : `logps/${side}`,
  divisor: unit === 'change' ? (beta ?? 1) : 1,
});
