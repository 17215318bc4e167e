import type { Backend, RankedValues } from '../../backend.ts';
import { batchStatistics as shader } from '../generated/batch_statistics.ts';
import type { Recorder } from '../recorder.ts';

const codes: Readonly<Record<RankedValues, number>> = {
  'chosen log-ratio': 0,
  'rejected log-ratio': 1,
  'policy margin': 2,
  'reference margin': 3,
};

type Logps = Pick<Parameters<Backend['sortBatch']>[0], 'chosenLogps' | 'rejectedLogps' | 'references'>;

const logpBindings = ({ chosenLogps, rejectedLogps, references }: Logps) => ({
  chosen_logps: chosenLogps,
  rejected_logps: rejectedLogps,
  references,
});

export function dispatchSortBatch(recorder: Recorder, task: Parameters<Backend['sortBatch']>[0]): void {
  recorder.dispatch(shader, 'batch_statistics_sort', {
    params: { pairs: task.pairs, columns: 0, column: 0, values: codes[task.values] },
    bindings: { ...logpBindings(task), sorted: task.sorted },
    invocations: task.pairs,
  });
}

export function dispatchSameRank(recorder: Recorder, task: Parameters<Backend['sameRank']>[0]): void {
  recorder.dispatch(shader, 'batch_statistics_same_rank', {
    params: { pairs: task.pairs, columns: task.columns, column: task.column, values: codes[task.values] },
    bindings: { ...logpBindings(task), sorted: task.sorted, pair_inputs: task.pairInputs },
    invocations: task.pairs,
  });
}

export function dispatchKlBaseline(recorder: Recorder, task: Parameters<Backend['klBaseline']>[0]): void {
  recorder.dispatch(shader, 'batch_statistics_kl_baseline', {
    params: { pairs: task.pairs, columns: task.columns, column: task.column, values: 0 },
    bindings: { ...logpBindings(task), pair_inputs: task.pairInputs },
    invocations: task.pairs,
  });
}

export function dispatchRunningMean(recorder: Recorder, task: Parameters<Backend['runningMean']>[0]): void {
  recorder.dispatch(shader, 'batch_statistics_running_mean', {
    params: { pairs: task.pairs, columns: task.columns, column: task.column, values: 0 },
    bindings: { ...logpBindings(task), running: task.running, next_running: task.nextRunning, pair_inputs: task.pairInputs },
    invocations: task.pairs,
  });
}
