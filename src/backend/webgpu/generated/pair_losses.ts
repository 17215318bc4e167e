// Written by `npm run generate` from shaders/pair_losses.wgsl. Do not edit.
import text from '../../../../shaders/pair_losses.wgsl?raw';

export const pairLosses = {
  stem: 'pair_losses',
  text,
  entries: {
    pair_losses: { workgroupSize: 64, bindings: ['params', 'objective_parameters', 'chosen_logps', 'rejected_logps', 'pair_inputs', 'weights', 'losses', 'slopes'] },
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
  },
  params: [
    ['pairs', 'u32'],
  ],
} as const;
