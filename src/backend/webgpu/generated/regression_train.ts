// Written by `npm run generate` from shaders/regression_train.wgsl. Do not edit.
import text from '../../../../shaders/regression_train.wgsl?raw';

export const regressionTrain = {
  stem: 'regression_train',
  text,
  entries: {
    regression_train: { workgroupSize: 64, bindings: ['params', 'plan', 'numbers', 'settings', 'initial', 'state'] },
    regression_train_outcome: { workgroupSize: 64, bindings: ['params', 'plan', 'numbers', 'settings', 'state', 'outcomes'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    plan: { binding: 1, type: 'read-only-storage' },
    numbers: { binding: 2, type: 'read-only-storage' },
    settings: { binding: 3, type: 'read-only-storage' },
    initial: { binding: 4, type: 'read-only-storage' },
    state: { binding: 5, type: 'storage' },
    outcomes: { binding: 6, type: 'storage' },
  },
  params: [
    ['runs', 'u32'],
    ['first_step', 'u32'],
    ['updates', 'u32'],
  ],
} as const;
