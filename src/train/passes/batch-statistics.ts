import type { Backend, BatchTask, SequenceTask, Storage } from '../../backend/backend.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';

/** What the passes over a whole batch need. */
export interface StatisticStorages {
  /** [B, 2] reference log-probs */
  references: Storage;
  /** [B] scratch of the sorts */
  sorted: Storage;
  /** (mean, count) of the log-ratios of all earlier steps */
  running: Storage;
  /** the same with the present step; `commitStatistics` makes it the earlier one */
  nextRunning: Storage;
  /** [2, B] log-weights of WPO */
  scores: Storage;
}

/** Null where the objective reads no statistic. `references` holds (chosen, rejected) of each pair. */
export function allocateStatistics(backend: Backend, objective: CompiledObjective, references: Float64Array): StatisticStorages | null {
  if (objective.statistics.length === 0) return null;
  const pairs = references.length / 2;
  return {
    references: backend.upload(references),
    sorted: backend.allocate('float', pairs),
    running: backend.allocate('float', 2),
    nextRunning: backend.allocate('float', 2),
    scores: backend.allocate('float', 2 * pairs),
  };
}

type Task = BatchTask & StatisticStorages & { objective: CompiledObjective; pairInputs: Storage };

/** Fills the columns of `pairInputs` that depend on the whole batch under the present policy. */
export function computeStatistics(backend: Backend, task: Task, chosen: SequenceTask, rejected: SequenceTask): void {
  const { objective, scores } = task;
  const columns = objective.inputs.length;
  for (const statistic of objective.statistics) {
    const column = { ...task, columns, column: objective.inputs.indexOf(statistic) };
    switch (statistic) {
      case 'sorted_ref_margin':
        backend.sortBatch({ ...task, values: 'reference margin' });
        backend.sameRank({ ...column, values: 'policy margin' });
        break;
      case 'same_rank_logratio_w':
        backend.sortBatch({ ...task, values: 'chosen log-ratio' });
        backend.sameRank({ ...column, values: 'rejected log-ratio' });
        break;
      case 'same_rank_logratio_l':
        backend.sortBatch({ ...task, values: 'rejected log-ratio' });
        backend.sameRank({ ...column, values: 'chosen log-ratio' });
        break;
      case 'kl_baseline':
        backend.klBaseline(column);
        break;
      case 'mean_logratio':
        backend.runningMean(column);
        break;
      case 'wpo_weight':
        backend.wpoScores({ ...chosen, side: 'chosen', scores });
        backend.wpoScores({ ...rejected, side: 'rejected', scores });
        backend.wpoPairs(column);
        break;
      default:
        statistic satisfies never;
    }
  }
}

/** Ends a step: what it saw counts as earlier from now on. Computing a step's loss twice changes nothing before this. */
export function commitStatistics(backend: Backend, statistics: StatisticStorages | null): void {
  if (statistics) backend.copy(statistics.nextRunning, statistics.running, 0);
}
