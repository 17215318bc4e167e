import type { Backend } from '../../backend.ts';
import { optimizerStep as shader } from '../generated/optimizer_step.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchOptimizerStep(recorder: Recorder, task: Parameters<Backend['optimizerStep']>[0]): void {
  const { length, learningRate, gradient, parameters } = task;
  recorder.dispatch(shader, 'optimizer_step', {
    params: { length, learning_rate: learningRate },
    bindings: { gradient, parameters },
    invocations: length,
  });
}
