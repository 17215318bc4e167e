import type { FurtherKernels } from '../../backend.ts';
import { klGradient as shader } from '../generated/kl_gradient.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchKlGradient(recorder: Recorder, task: Parameters<FurtherKernels['klGradient']>[0]): void {
  const { rows, columns, direction, beta = 0.5, logProbs, targetLogProbs, gradient, divergences } = task;
  recorder.dispatch(shader, 'kl_gradient', {
    params: {
      rows,
      columns,
      direction: ['forward', 'reverse', 'jensen'].indexOf(direction),
      beta,
      log_beta: Math.log(beta),
      log_rest: Math.log1p(-beta),
    },
    bindings: { log_probs: logProbs, target_log_probs: targetLogProbs, gradient, divergences },
    invocations: rows,
  });
}
