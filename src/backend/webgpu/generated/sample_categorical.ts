// Written by `npm run generate` from shaders/sample_categorical.wgsl. Do not edit.
import text from '../../../../shaders/sample_categorical.wgsl?raw';

export const sampleCategorical = {
  stem: 'sample_categorical',
  text,
  entries: {
    sample_categorical: { workgroupSize: 64, bindings: ['params', 'logits', 'stats', 'samples', 'seeds'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    stats: { binding: 2, type: 'read-only-storage' },
    samples: { binding: 3, type: 'storage' },
    seeds: { binding: 4, type: 'read-only-storage' },
  },
  params: [
    ['rows', 'u32'],
    ['columns', 'u32'],
    ['draws', 'u32'],
    ['runs', 'u32'],
    ['stream', 'u32'],
    ['round', 'u32'],
  ],
} as const;
