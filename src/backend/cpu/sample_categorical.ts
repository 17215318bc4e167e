import { philox4x32, toUniform } from '../../core/rng.ts';
import type { FurtherKernels } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/sample_categorical.wgsl. */
export const sampleCategorical: FurtherKernels['sampleCategorical'] = ({
  rows,
  columns,
  draws,
  seed,
  stream,
  round,
  logits,
  stats,
  samples,
}) => {
  const x = floats(logits);
  const s = floats(stats);
  const out = indices(samples);
  const total = rows * draws;
  for (let block = 0; 4 * block < total; block++) {
    const words = philox4x32([block, round, 0, 0], [seed, stream]);
    for (let i = 0; i < 4 && 4 * block + i < total; i++) {
      const index = 4 * block + i;
      const row = Math.floor(index / draws);
      const [peak, logTotal] = [s[2 * row] as number, s[2 * row + 1] as number];
      if (Number.isNaN(peak)) {
        out[index] = columns;
        continue;
      }
      const u = toUniform(words[i] as number);
      let below = 0;
      let drawn = 0;
      for (let v = 0; v < columns && u >= below; v++) {
        const p = Math.exp((x[row * columns + v] as number) - peak - logTotal);
        if (p > 0) drawn = v;
        below += p;
      }
      out[index] = drawn;
    }
  }
};
