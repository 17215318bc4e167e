// Written by `npm run generate` from shaders/normalised_slopes.wgsl. Do not edit.
import text from '../../../../shaders/normalised_slopes.wgsl?raw';

export const normalisedSlopes = {
  stem: 'normalised_slopes',
  text,
  entries: {
    normalised_slopes: { workgroupSize: 64, bindings: ['params', 'residuals', 'contexts', 'hidden', 'unembedding', 'weights', 'slopes'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    residuals: { binding: 1, type: 'read-only-storage' },
    contexts: { binding: 2, type: 'read-only-storage' },
    hidden: { binding: 3, type: 'read-only-storage' },
    unembedding: { binding: 4, type: 'read-only-storage' },
    weights: { binding: 5, type: 'read-only-storage' },
    slopes: { binding: 6, type: 'storage' },
  },
  params: [
    ['sequences', 'u32'],
    ['positions', 'u32'],
    ['columns', 'u32'],
    ['dimensions', 'u32'],
    ['hidden_trained', 'u32'],
    ['unembedding_trained', 'u32'],
    ['side', 'u32'],
  ],
} as const;
