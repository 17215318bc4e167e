// Written by `npm run generate` from shaders/sequence_logps.wgsl. Do not edit.
import text from '../../../../shaders/sequence_logps.wgsl?raw';

export const sequenceLogps = {
  stem: 'sequence_logps',
  text,
  entries: {
    sequence_logps_tokens: { workgroupSize: 64, bindings: ['params', 'logits', 'tokens', 'mask', 'stats', 'token_logps'] },
    sequence_logps_sum: { workgroupSize: 64, bindings: ['params', 'token_logps', 'logps'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    tokens: { binding: 2, type: 'read-only-storage' },
    mask: { binding: 3, type: 'read-only-storage' },
    stats: { binding: 4, type: 'read-only-storage' },
    token_logps: { binding: 5, type: 'storage' },
    logps: { binding: 6, type: 'storage' },
  },
  params: [
    ['rows', 'u32'],
    ['positions', 'u32'],
    ['columns', 'u32'],
  ],
} as const;
