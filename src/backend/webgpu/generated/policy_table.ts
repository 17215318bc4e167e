// Written by `npm run generate` from shaders/policy_table.wgsl. Do not edit.
import text from '../../../../shaders/policy_table.wgsl?raw';

export const policyTable = {
  stem: 'policy_table',
  text,
  entries: {
    policy_table_logits: { workgroupSize: 64, bindings: ['params', 'table', 'contexts', 'logits', 'offset_table', 'offset_rows'] },
    policy_table_gradient: { workgroupSize: 64, bindings: ['params', 'offsets', 'members', 'chosen_gradient', 'rejected_gradient', 'gradient'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    table: { binding: 1, type: 'read-only-storage' },
    contexts: { binding: 2, type: 'read-only-storage' },
    logits: { binding: 3, type: 'storage' },
    offsets: { binding: 4, type: 'read-only-storage' },
    members: { binding: 5, type: 'read-only-storage' },
    chosen_gradient: { binding: 6, type: 'read-only-storage' },
    rejected_gradient: { binding: 7, type: 'read-only-storage' },
    gradient: { binding: 8, type: 'storage' },
    offset_table: { binding: 9, type: 'read-only-storage' },
    offset_rows: { binding: 10, type: 'read-only-storage' },
  },
  params: [
    ['rows', 'u32'],
    ['columns', 'u32'],
    ['table_rows', 'u32'],
    ['chosen_rows', 'u32'],
    ['has_offsets', 'u32'],
  ],
} as const;
