import type { FurtherKernels } from '../../backend.ts';
import { klGradient as shader } from '../generated/kl_gradient.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchKlGradient(recorder: Recorder, task: Parameters<FurtherKernels['klGradient']>[0]): void {
  const { rows, columns, direction, logProbs, targetLogProbs, gradient, divergences } = task;
  recorder.dispatch(shader, 'kl_gradient', {
    params: { rows, columns, reverse: direction === 'reverse' ? 1 : 0 },
    bindings: { log_probs: logProbs, target_log_probs: targetLogProbs, gradient, divergences },
    invocations: rows,
  });
}
