// Written by `npm run generate` from shaders/sequence_logps.wgsl. Do not edit.

export const sequenceLogps = {
  stem: 'sequence_logps',
  entries: {
    sequence_logps: { workgroupSize: 64, bindings: ['params', 'logits', 'tokens', 'mask', 'stats', 'logps'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    tokens: { binding: 2, type: 'read-only-storage' },
    mask: { binding: 3, type: 'read-only-storage' },
    stats: { binding: 4, type: 'read-only-storage' },
    logps: { binding: 5, type: 'storage' },
  },
  params: [
    ['sequences', 'u32'],
    ['positions', 'u32'],
    ['columns', 'u32'],
  ],
} as const;
