import { updateRules } from '../../../core/optimizer.ts';
import type { Backend } from '../../backend.ts';
import { optimizerStep as shader } from '../generated/optimizer_step.ts';
import type { Recorder } from '../recorder.ts';

export function dispatchOptimizerStep(recorder: Recorder, task: Parameters<Backend['optimizerStep']>[0]): void {
  const { length, settings, corrections, gradient, parameters, first, second } = task;
  recorder.dispatch(shader, 'optimizer_step', {
    params: {
      length,
      rule: updateRules.indexOf(settings.rule),
      learning_rate: settings.learningRate,
      shrink: 1 - settings.learningRate * settings.weightDecay,
      momentum: settings.momentum,
      complement1: 1 - settings.beta1,
      complement2: 1 - settings.beta2,
      epsilon: settings.epsilon,
      correction1: corrections[0],
      correction2: corrections[1],
    },
    bindings: { gradient, parameters, first, second },
    invocations: length,
  });
}
