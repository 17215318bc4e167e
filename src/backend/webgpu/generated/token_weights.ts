// Written by `npm run generate` from shaders/token_weights.wgsl. Do not edit.
import text from '../../../../shaders/token_weights.wgsl?raw';

export const tokenWeights = {
  stem: 'token_weights',
  text,
  entries: {
    token_weights_logps: { workgroupSize: 64, bindings: ['params', 'logits', 'tokens', 'mask', 'stats', 'token_weights', 'weighted_logps'] },
    token_weights_gradient: { workgroupSize: 64, bindings: ['params', 'token_weights', 'gradient'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    tokens: { binding: 2, type: 'read-only-storage' },
    mask: { binding: 3, type: 'read-only-storage' },
    stats: { binding: 4, type: 'read-only-storage' },
    token_weights: { binding: 5, type: 'read-only-storage' },
    weighted_logps: { binding: 6, type: 'storage' },
    gradient: { binding: 7, type: 'storage' },
  },
  params: [
    ['sequences', 'u32'],
    ['positions', 'u32'],
    ['columns', 'u32'],
  ],
} as const;
