// Written by `npm run generate` from shaders/optimizer_step.wgsl. Do not edit.
import text from '../../../../shaders/optimizer_step.wgsl?raw';

export const optimizerStep = {
  stem: 'optimizer_step',
  text,
  entries: {
    optimizer_step: { workgroupSize: 64, bindings: ['params', 'gradient', 'parameters', 'first', 'second'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    gradient: { binding: 1, type: 'read-only-storage' },
    parameters: { binding: 2, type: 'storage' },
    first: { binding: 3, type: 'storage' },
    second: { binding: 4, type: 'storage' },
  },
  params: [
    ['length', 'u32'],
    ['rule', 'u32'],
    ['learning_rate', 'f32'],
    ['shrink', 'f32'],
    ['momentum', 'f32'],
    ['complement1', 'f32'],
    ['complement2', 'f32'],
    ['epsilon', 'f32'],
    ['correction1', 'f32'],
    ['correction2', 'f32'],
  ],
} as const;
