// Written by `npm run generate` from shaders/optimizer_step.wgsl. Do not edit.

export const optimizerStep = {
  stem: 'optimizer_step',
  entries: {
    optimizer_step: { workgroupSize: 64, bindings: ['params', 'gradient', 'parameters'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    gradient: { binding: 1, type: 'read-only-storage' },
    parameters: { binding: 2, type: 'storage' },
  },
  params: [
    ['length', 'u32'],
    ['learning_rate', 'f32'],
  ],
} as const;
