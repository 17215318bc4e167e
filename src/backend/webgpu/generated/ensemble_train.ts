// Written by `npm run generate` from shaders/ensemble_train.wgsl. Do not edit.
import text from '../../../../shaders/ensemble_train.wgsl?raw';

export const ensembleTrain = {
  stem: 'ensemble_train',
  text,
  entries: {
    ensemble_train: { workgroupSize: 64, bindings: ['params', 'plan', 'numbers', 'settings', 'initial', 'state'] },
    ensemble_train_measure: { workgroupSize: 64, bindings: ['params', 'plan', 'numbers', 'settings', 'initial', 'state', 'metrics'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    plan: { binding: 1, type: 'read-only-storage' },
    numbers: { binding: 2, type: 'read-only-storage' },
    settings: { binding: 3, type: 'read-only-storage' },
    initial: { binding: 4, type: 'read-only-storage' },
    state: { binding: 5, type: 'storage' },
    metrics: { binding: 6, type: 'storage' },
  },
  params: [
    ['runs', 'u32'],
    ['first_step', 'u32'],
    ['updates', 'u32'],
  ],
} as const;
