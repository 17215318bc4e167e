import type { Backend } from '../backend.ts';
import { rowStats } from './row_stats.ts';
import { floats } from './storage.ts';

/** Twin of shaders/log_softmax.wgsl. */
export const logSoftmax: Backend['logSoftmax'] = ({ rows, columns, logits, logProbs }) => {
  const x = floats(logits);
  const y = floats(logProbs);
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    const [peak, logTotal] = rowStats(x, first, columns);
    for (let i = 0; i < columns; i++) y[first + i] = (x[first + i] as number) - peak - logTotal;
  }
};
