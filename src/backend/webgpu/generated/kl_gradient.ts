// Written by `npm run generate` from shaders/kl_gradient.wgsl. Do not edit.
import text from '../../../../shaders/kl_gradient.wgsl?raw';

export const klGradient = {
  stem: 'kl_gradient',
  text,
  entries: {
    kl_gradient: { workgroupSize: 64, bindings: ['params', 'log_probs', 'target_log_probs', 'gradient', 'divergences'] },
    kl_gradient_workgroup: { workgroupSize: 128, bindings: ['params', 'log_probs', 'target_log_probs', 'gradient', 'divergences'] },
    kl_gradient_held_workgroup: { workgroupSize: 128, bindings: ['params', 'log_probs', 'target_log_probs', 'gradient', 'divergences'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    log_probs: { binding: 1, type: 'read-only-storage' },
    target_log_probs: { binding: 2, type: 'read-only-storage' },
    gradient: { binding: 3, type: 'storage' },
    divergences: { binding: 4, type: 'storage' },
  },
  params: [
    ['rows', 'u32'],
    ['columns', 'u32'],
    ['beta', 'f32'],
    ['log_beta', 'f32'],
    ['log_rest', 'f32'],
  ],
} as const;
