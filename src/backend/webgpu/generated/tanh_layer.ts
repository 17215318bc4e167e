// Written by `npm run generate` from shaders/tanh_layer.wgsl. Do not edit.
import text from '../../../../shaders/tanh_layer.wgsl?raw';

export const tanhLayer = {
  stem: 'tanh_layer',
  text,
  entries: {
    tanh_layer_forward: { workgroupSize: 64, bindings: ['params', 'inputs', 'weights', 'results'] },
    tanh_layer_gradient: { workgroupSize: 64, bindings: ['params', 'inputs', 'given_results', 'result_gradient', 'gradient'] },
    tanh_layer_slopes: { workgroupSize: 64, bindings: ['params', 'inputs', 'given_results', 'outputs', 'residuals', 'row_contexts', 'pair_weights', 'slopes'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    inputs: { binding: 1, type: 'read-only-storage' },
    weights: { binding: 2, type: 'read-only-storage' },
    results: { binding: 3, type: 'storage' },
    given_results: { binding: 4, type: 'read-only-storage' },
    result_gradient: { binding: 5, type: 'read-only-storage' },
    gradient: { binding: 6, type: 'storage' },
    outputs: { binding: 7, type: 'read-only-storage' },
    residuals: { binding: 8, type: 'read-only-storage' },
    row_contexts: { binding: 9, type: 'read-only-storage' },
    pair_weights: { binding: 10, type: 'read-only-storage' },
    slopes: { binding: 11, type: 'storage' },
  },
  params: [
    ['contexts', 'u32'],
    ['width', 'u32'],
    ['units', 'u32'],
    ['columns', 'u32'],
    ['sequences', 'u32'],
    ['side', 'u32'],
  ],
} as const;
