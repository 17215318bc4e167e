import type { FurtherKernels } from '../backend.ts';
import { floats, indices } from './storage.ts';

/** Half the distance from 1 to the next larger number. */
const roundoff = Number.EPSILON / 2;

/** Twin of shaders/normalised_slopes.wgsl. */
export const normalisedSlopes: FurtherKernels['normalisedSlopes'] = (task) => {
  const { sequences, positions, columns, dimensions } = task;
  const r = floats(task.residuals);
  const context = indices(task.contexts);
  const h = floats(task.hidden);
  const w = floats(task.unembedding);
  const weights = floats(task.weights);
  const slopes = floats(task.slopes);

  // Each returns a sum and leaves, in `size`, that of its terms' sizes: it says what the sum's rounding may come to.
  let size = 0;
  const sumOf = (terms: number, factors: (term: number) => number): number => {
    let total = 0;
    size = 0;
    for (let term = 0; term < terms; term++) {
      const product = factors(term);
      total += product;
      size += Math.abs(product);
    }
    return total;
  };
  const pulledBack = (row: number, k: number): number =>
    sumOf(columns, (v) => (r[row * columns + v] as number) * (w[v * dimensions + k] as number));
  const gradientProduct = (a: number, b: number): number => {
    const sameContext = context[a] === context[b];
    const byLogits = sumOf(columns, (v) => (r[a * columns + v] as number) * (r[b * columns + v] as number));
    if (dimensions === 0) {
      if (!sameContext) size = 0;
      return sameContext ? byLogits : 0;
    }
    const ofLogits = size;
    let [total, sizes] = [0, 0];
    if (task.unembeddingTrained) {
      const [from, to] = [(context[a] as number) * dimensions, (context[b] as number) * dimensions];
      total = byLogits * sumOf(dimensions, (k) => (h[from + k] as number) * (h[to + k] as number));
      sizes = ofLogits * size;
    }
    if (task.hiddenTrained && sameContext)
      for (let k = 0; k < dimensions; k++) {
        const ofA = pulledBack(a, k);
        const sizeOfA = size;
        total += ofA * pulledBack(b, k);
        sizes += sizeOfA * size;
      }
    size = sizes;
    return total;
  };

  const roundings = 2 * (columns + dimensions) + positions ** 2 + 6;
  for (let sequence = 0; sequence < sequences; sequence++) {
    const first = sequence * positions;
    let [lengthSquared, sizes] = [0, 0];
    for (let t = 0; t < positions; t++) {
      lengthSquared += gradientProduct(first + t, first + t);
      sizes += size;
      for (let u = 0; u < t; u++) {
        lengthSquared += 2 * gradientProduct(first + t, first + u);
        sizes += 2 * size;
      }
    }
    const share = (weights[sequence] as number) / sequences;
    const slope = (task.side === 'rejected' ? share : -share) / Math.sqrt(lengthSquared);
    // where rounding is all that is left of the terms, the gradient has no direction
    const isNothing = lengthSquared <= roundings * roundoff * sizes;
    slopes[(task.side === 'rejected' ? sequences : 0) + sequence] = isNothing ? 0 : slope;
  }
};
