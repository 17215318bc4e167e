// Written by `npm run generate` from shaders/group_losses.wgsl. Do not edit.
import text from '../../../../shaders/group_losses.wgsl?raw';

export const groupLosses = {
  stem: 'group_losses',
  text,
  entries: {
    group_losses_token_sums: { workgroupSize: 64, bindings: ['params', 'objective_parameters', 'logps', 'group_inputs', 'token_logps', 'token_inputs', 'token_sums'] },
    group_losses_items: { workgroupSize: 64, bindings: ['params', 'objective_parameters', 'logps', 'group_inputs', 'membership', 'shares', 'items', 'token_sums'] },
    group_losses: { workgroupSize: 64, bindings: ['params', 'objective_parameters', 'logps', 'group_inputs', 'membership', 'shares', 'items', 'losses', 'slopes'] },
    group_losses_tokens: { workgroupSize: 64, bindings: ['params', 'objective_parameters', 'logps', 'group_inputs', 'items', 'slopes', 'token_logps', 'token_inputs', 'token_slopes'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    objective_parameters: { binding: 1, type: 'read-only-storage' },
    logps: { binding: 2, type: 'read-only-storage' },
    group_inputs: { binding: 3, type: 'read-only-storage' },
    membership: { binding: 4, type: 'read-only-storage' },
    shares: { binding: 5, type: 'read-only-storage' },
    items: { binding: 6, type: 'storage' },
    losses: { binding: 7, type: 'storage' },
    slopes: { binding: 8, type: 'storage' },
    token_logps: { binding: 9, type: 'read-only-storage' },
    token_inputs: { binding: 10, type: 'read-only-storage' },
    token_sums: { binding: 11, type: 'storage' },
    token_slopes: { binding: 12, type: 'storage' },
  },
  params: [
    ['responses', 'u32'],
    ['positions', 'u32'],
  ],
} as const;
