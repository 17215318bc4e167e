import { philox4x32 } from '../../core/rng.ts';
import type { FurtherKernels } from '../backend.ts';
import { indices } from './storage.ts';

/** Twin of shaders/random_words.wgsl. */
export const randomWords: FurtherKernels['randomWords'] = ({ length, seed, stream, round, words }) => {
  const out = indices(words);
  for (let quad = 0; 4 * quad < length; quad++)
    for (const [i, word] of philox4x32([quad, round, 0, 0], [seed, stream]).entries()) if (4 * quad + i < length) out[4 * quad + i] = word;
};
