// Written by `npm run generate` from shaders/simplex_flow.wgsl. Do not edit.
import text from '../../../../shaders/simplex_flow.wgsl?raw';

export const simplexFlow = {
  stem: 'simplex_flow',
  text,
  entries: {
    simplex_flow: { workgroupSize: 64, bindings: ['params', 'gram', 'plan', 'known', 'objective_parameters', 'logits', 'lines'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    gram: { binding: 1, type: 'read-only-storage' },
    plan: { binding: 2, type: 'read-only-storage' },
    known: { binding: 3, type: 'read-only-storage' },
    objective_parameters: { binding: 4, type: 'read-only-storage' },
    logits: { binding: 5, type: 'read-only-storage' },
    lines: { binding: 6, type: 'storage' },
  },
  params: [
    ['starts', 'u32'],
    ['steps', 'u32'],
    ['tokens', 'u32'],
    ['inputs', 'u32'],
    ['chosen', 'u32'],
    ['rejected', 'u32'],
    ['size', 'f32'],
    ['by_length', 'u32'],
    ['drawn', 'u32'],
    ['mixture', 'f32'],
  ],
} as const;
