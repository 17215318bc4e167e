import type { Backend } from '../backend.ts';
import { floats } from './storage.ts';

/** Twin of shaders/optimizer_step.wgsl. */
export const optimizerStep: Backend['optimizerStep'] = ({ length, learningRate, gradient, parameters }) => {
  const g = floats(gradient);
  const theta = floats(parameters);
  for (let i = 0; i < length; i++) theta[i] = (theta[i] as number) - learningRate * (g[i] as number);
};
