import type { UpdateSettings } from '../../core/optimizer.ts';
import type { Backend } from '../backend.ts';
import { floats } from './storage.ts';

/** Twin of shaders/optimizer_step.wgsl. */
export const optimizerStep: Backend['optimizerStep'] = ({ length, settings, corrections, gradient, parameters, first, second }) => {
  updateParameters(0, length, settings, corrections, floats(gradient), floats(parameters), floats(first), floats(second));
};

/** Moves `length` parameters from `at` on; the gradient and the slots stand at the same places. */
export function updateParameters(
  at: number,
  length: number,
  { rule, learningRate, weightDecay, momentum, beta1, beta2, epsilon }: UpdateSettings,
  corrections: readonly [number, number],
  gradient: Float64Array,
  parameters: Float64Array,
  first: Float64Array,
  second: Float64Array,
): void {
  const shrink = 1 - learningRate * weightDecay;
  for (let i = at; i < at + length; i++) {
    const g = gradient[i] as number;
    const value = (parameters[i] as number) * shrink;
    if (rule === 'sgd') {
      parameters[i] = value - learningRate * g;
    } else if (rule === 'adam') {
      const m = (first[i] as number) + (1 - beta1) * (g - (first[i] as number));
      const s = (second[i] as number) + (1 - beta2) * (g * g - (second[i] as number));
      first[i] = m;
      second[i] = s;
      parameters[i] = value - (learningRate * (m / corrections[0])) / (Math.sqrt(s / corrections[1]) + epsilon);
    } else {
      const velocity = momentum * (first[i] as number) + g;
      first[i] = velocity;
      parameters[i] = value - learningRate * (rule === 'nesterov' ? g + momentum * velocity : velocity);
    }
  }
}
