// Written by `npm run generate` from shaders/random_words.wgsl. Do not edit.
import text from '../../../../shaders/random_words.wgsl?raw';

export const randomWords = {
  stem: 'random_words',
  text,
  entries: {
    random_words: { workgroupSize: 64, bindings: ['params', 'words'] },
  },
  bindings: {
    params: { binding: 0, type: 'uniform' },
    words: { binding: 1, type: 'storage' },
  },
  params: [
    ['length', 'u32'],
    ['seed', 'u32'],
    ['stream', 'u32'],
    ['round', 'u32'],
  ],
} as const;
