// Written by `npm run generate` from shaders/wpo_weights.wgsl. Do not edit.
import text from '../../../../shaders/wpo_weights.wgsl?raw';

export const wpoWeights = {
  stem: 'wpo_weights',
  text,
  entries: {
    wpo_weights_scores: { workgroupSize: 64, bindings: ['params', 'logits', 'tokens', 'mask', 'stats', 'scores'] },
    wpo_weights_pairs: { workgroupSize: 64, bindings: ['params', 'scores', 'pair_inputs'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    tokens: { binding: 2, type: 'read-only-storage' },
    mask: { binding: 3, type: 'read-only-storage' },
    stats: { binding: 4, type: 'read-only-storage' },
    scores: { binding: 5, type: 'storage' },
    pair_inputs: { binding: 6, type: 'storage' },
  },
  params: [
    ['pairs', 'u32'],
    ['positions', 'u32'],
    ['vocabulary', 'u32'],
    ['side', 'u32'],
    ['columns', 'u32'],
    ['column', 'u32'],
  ],
} as const;
