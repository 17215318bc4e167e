// Written by `npm run generate` from shaders/row_gradients.wgsl. Do not edit.
import text from '../../../../shaders/row_gradients.wgsl?raw';

export const rowGradients = {
  stem: 'row_gradients',
  text,
  entries: {
    row_gradients_held: { workgroupSize: 64, bindings: ['params', 'slopes', 'logits', 'tokens', 'mask', 'stats', 'result'] },
    row_gradients_packed: { workgroupSize: 64, bindings: ['params', 'slopes', 'logits', 'tokens', 'mask', 'stats', 'result'] },
    row_gradients_workgroup: { workgroupSize: 128, bindings: ['params', 'slopes', 'logits', 'tokens', 'mask', 'stats', 'result'] },
    row_gradients_held_workgroup: { workgroupSize: 128, bindings: ['params', 'slopes', 'logits', 'tokens', 'mask', 'stats', 'result'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    slopes: { binding: 1, type: 'read-only-storage' },
    logits: { binding: 2, type: 'read-only-storage' },
    tokens: { binding: 3, type: 'read-only-storage' },
    mask: { binding: 4, type: 'read-only-storage' },
    stats: { binding: 5, type: 'storage' },
    result: { binding: 6, type: 'storage' },
  },
  params: [
    ['rows', 'u32'],
    ['first_row', 'u32'],
    ['pairs', 'u32'],
    ['positions', 'u32'],
    ['columns', 'u32'],
    ['side', 'u32'],
    ['parts', 'u32'],
    ['run', 'u32'],
  ],
} as const;
