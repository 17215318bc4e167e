import type { Backend } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Twin of shaders/normalised_slopes.wgsl. */
export const normalisedSlopes: Backend['normalisedSlopes'] = (task) => {
  const { sequences, positions, columns, dimensions } = task;
  const r = floats(task.residuals);
  const context = indices(task.contexts);
  const h = floats(task.hidden);
  const w = floats(task.unembedding);
  const weights = floats(task.weights);
  const slopes = floats(task.slopes);

  const pulledBack = (row: number, k: number): number => {
    let total = 0;
    for (let v = 0; v < columns; v++) total += (r[row * columns + v] as number) * (w[v * dimensions + k] as number);
    return total;
  };
  const gradientProduct = (a: number, b: number): number => {
    const sameContext = context[a] === context[b];
    let byLogits = 0;
    for (let v = 0; v < columns; v++) byLogits += (r[a * columns + v] as number) * (r[b * columns + v] as number);
    if (dimensions === 0) return sameContext ? byLogits : 0;
    let total = 0;
    if (task.unembeddingTrained) {
      const [from, to] = [(context[a] as number) * dimensions, (context[b] as number) * dimensions];
      let byHidden = 0;
      for (let k = 0; k < dimensions; k++) byHidden += (h[from + k] as number) * (h[to + k] as number);
      total = byHidden * byLogits;
    }
    if (task.hiddenTrained && sameContext) for (let k = 0; k < dimensions; k++) total += pulledBack(a, k) * pulledBack(b, k);
    return total;
  };

  for (let sequence = 0; sequence < sequences; sequence++) {
    const first = sequence * positions;
    let lengthSquared = 0;
    for (let t = 0; t < positions; t++) {
      lengthSquared += gradientProduct(first + t, first + t);
      for (let u = 0; u < t; u++) lengthSquared += 2 * gradientProduct(first + t, first + u);
    }
    const share = (weights[sequence] as number) / sequences;
    const slope = (task.side === 'rejected' ? share : -share) / Math.sqrt(lengthSquared);
    slopes[(task.side === 'rejected' ? sequences : 0) + sequence] = lengthSquared === 0 ? 0 : slope;
  }
};
