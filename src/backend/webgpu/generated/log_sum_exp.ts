// Written by `npm run generate` from shaders/log_sum_exp.wgsl. Do not edit.
import text from '../../../../shaders/log_sum_exp.wgsl?raw';

export const logSumExp = {
  stem: 'log_sum_exp',
  text,
  entries: {
    log_sum_exp_held: { workgroupSize: 64, bindings: ['params', 'logits', 'mask', 'stats'] },
    log_sum_exp_packed: { workgroupSize: 64, bindings: ['params', 'logits', 'mask', 'stats'] },
    log_sum_exp_workgroup: { workgroupSize: 128, bindings: ['params', 'logits', 'mask', 'stats'] },
    log_sum_exp_held_workgroup: { workgroupSize: 128, bindings: ['params', 'logits', 'mask', 'stats'] },
    log_sum_exp_split: { workgroupSize: 64, bindings: ['params', 'logits', 'mask', 'parts'] },
    log_sum_exp_split_workgroups: { workgroupSize: 128, bindings: ['params', 'logits', 'mask', 'parts'] },
    log_sum_exp_merge: { workgroupSize: 64, bindings: ['params', 'mask', 'parts', 'stats'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    logits: { binding: 1, type: 'read-only-storage' },
    mask: { binding: 2, type: 'read-only-storage' },
    parts: { binding: 3, type: 'storage' },
    stats: { binding: 4, type: 'storage' },
  },
  params: [
    ['rows', 'u32'],
    ['columns', 'u32'],
    ['masked', 'u32'],
    ['parts', 'u32'],
    ['run', 'u32'],
  ],
} as const;
