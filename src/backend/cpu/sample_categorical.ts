import { philox4x32, toUniform } from '../../core/rng.ts';
import type { FurtherKernels } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/sample_categorical.wgsl. */
export const sampleCategorical: FurtherKernels['sampleCategorical'] = ({
  runs,
  rows,
  columns,
  draws,
  seeds,
  stream,
  round,
  logits,
  stats,
  samples,
}) => {
  const x = floats(logits);
  const s = floats(stats);
  const keys = indices(seeds);
  const out = indices(samples);
  const total = rows * draws;
  for (let run = 0; run < runs; run++)
    for (let block = 0; 4 * block < total; block++) {
      const words = philox4x32([block, round, 0, 0], [keys[run] as number, stream]);
      for (let i = 0; i < 4 && 4 * block + i < total; i++) {
        const index = 4 * block + i;
        const row = run * rows + Math.floor(index / draws);
        const [peak, logTotal] = [s[2 * row] as number, s[2 * row + 1] as number];
        if (Number.isNaN(peak)) {
          out[run * total + index] = columns;
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
        out[run * total + index] = drawn;
      }
    }
};
