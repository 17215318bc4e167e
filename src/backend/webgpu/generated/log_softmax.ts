// Written by `npm run generate` from shaders/log_softmax.wgsl. Do not edit.
import text from '../../../../shaders/log_softmax.wgsl?raw';

export const logSoftmax = {
  stem: 'log_softmax',
  text,
  entries: {
    log_softmax_held: { workgroupSize: 64, bindings: ['params', 'logits', 'result'] },
    log_softmax_packed: { workgroupSize: 64, bindings: ['params', 'logits', 'result'] },
    log_softmax_workgroup: { workgroupSize: 128, bindings: ['params', 'logits', 'result'] },
    log_softmax_held_workgroup: { workgroupSize: 128, bindings: ['params', 'logits', 'result'] },
    log_softmax_normalise: { workgroupSize: 64, bindings: ['params', 'logits', 'stats', 'result'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    stats: { binding: 2, type: 'read-only-storage' },
    result: { binding: 3, type: 'storage' },
  },
  params: [
    ['rows', 'u32'],
    ['columns', 'u32'],
    ['parts', 'u32'],
    ['run', 'u32'],
  ],
} as const;
