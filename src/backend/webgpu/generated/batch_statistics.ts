// Written by `npm run generate` from shaders/batch_statistics.wgsl. Do not edit.
import text from '../../../../shaders/batch_statistics.wgsl?raw';

export const batchStatistics = {
  stem: 'batch_statistics',
  text,
  entries: {
    batch_statistics_sort: { workgroupSize: 64, bindings: ['params', 'chosen_logps', 'rejected_logps', 'references', 'sorted'] },
    batch_statistics_same_rank: { workgroupSize: 64, bindings: ['params', 'chosen_logps', 'rejected_logps', 'references', 'sorted', 'pair_inputs'] },
    batch_statistics_kl_baseline: { workgroupSize: 64, bindings: ['params', 'chosen_logps', 'rejected_logps', 'references', 'pair_inputs'] },
    batch_statistics_running_mean: { workgroupSize: 64, bindings: ['params', 'chosen_logps', 'rejected_logps', 'references', 'running', 'next_running', 'pair_inputs'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    chosen_logps: { binding: 1, type: 'read-only-storage' },
    rejected_logps: { binding: 2, type: 'read-only-storage' },
    references: { binding: 3, type: 'read-only-storage' },
    sorted: { binding: 4, type: 'storage' },
    running: { binding: 5, type: 'read-only-storage' },
    next_running: { binding: 6, type: 'storage' },
    pair_inputs: { binding: 7, type: 'storage' },
  },
  params: [
    ['pairs', 'u32'],
    ['columns', 'u32'],
    ['column', 'u32'],
    ['values', 'u32'],
  ],
} as const;
