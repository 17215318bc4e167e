import type { Backend, RowStrategy, Storage } from '../../backend.ts';
import { logSoftmax as shader } from '../generated/log_softmax.ts';
import type { Recorder } from '../recorder.ts';
import { dispatchLogSumExp } from './log_sum_exp.ts';

type Task = Parameters<Backend['logSoftmax']>[0];

export function dispatchLogSoftmax(recorder: Recorder, { rows, columns, logits, logProbs }: Task, strategy: RowStrategy): void {
  const params = { rows, columns };
  const bindings = { logits, log_probs: logProbs };
  if (strategy === 'packed') {
    recorder.dispatch(shader, 'log_softmax_packed', { params, bindings, invocations: rows });
  } else if (strategy === 'workgroup') {
    recorder.dispatch(shader, 'log_softmax_workgroup', { params, bindings, workgroups: rows });
  } else {
    const stats: Storage = recorder.create('float', 2 * rows);
    dispatchLogSumExp(recorder, { rows, columns, logits, mask: null, stats }, strategy);
    recorder.dispatch(shader, 'log_softmax_normalise', { params, bindings: { ...bindings, stats }, invocations: rows * columns });
    stats.dispose();
  }
}
