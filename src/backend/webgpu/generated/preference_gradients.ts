// Written by `npm run generate` from shaders/preference_gradients.wgsl. Do not edit.

export const preferenceGradients = {
  stem: 'preference_gradients',
  entries: {
    pair_losses: { workgroupSize: 64, bindings: ['params', 'objective_parameters', 'chosen_logps', 'rejected_logps', 'pair_inputs', 'weights', 'losses', 'slopes'] },
    preference_gradients: { workgroupSize: 64, bindings: ['params', 'logits', 'tokens', 'mask', 'stats', 'side_slopes', 'gradient'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    objective_parameters: { binding: 1, type: 'read-only-storage' },
    chosen_logps: { binding: 2, type: 'read-only-storage' },
    rejected_logps: { binding: 3, type: 'read-only-storage' },
    pair_inputs: { binding: 4, type: 'read-only-storage' },
    weights: { binding: 5, type: 'read-only-storage' },
    losses: { binding: 6, type: 'storage' },
    slopes: { binding: 7, type: 'storage' },
    logits: { binding: 8, type: 'read-only-storage' },
    tokens: { binding: 9, type: 'read-only-storage' },
    mask: { binding: 10, type: 'read-only-storage' },
    stats: { binding: 11, type: 'read-only-storage' },
    side_slopes: { binding: 12, type: 'read-only-storage' },
    gradient: { binding: 13, type: 'storage' },
  },
  params: [
    ['pairs', 'u32'],
    ['positions', 'u32'],
    ['columns', 'u32'],
    ['side', 'u32'],
  ],
} as const;
