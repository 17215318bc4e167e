import type { FurtherKernels } from '../backend.ts';
import { floats } from './storage.ts';

/** Twin of shaders/kl_gradient.wgsl. */
export const klGradient: FurtherKernels['klGradient'] = ({ rows, columns, direction, logProbs, targetLogProbs, gradient, divergences }) => {
  const logP = floats(logProbs);
  const logQ = floats(targetLogProbs);
  const out = floats(gradient);
  const sums = floats(divergences);
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    let divergence = 0;
    for (let v = first; v < first + columns; v++) {
      const gap = (logP[v] as number) - (logQ[v] as number);
      const weight = direction === 'reverse' ? Math.exp(logP[v] as number) : -Math.exp(logQ[v] as number);
      if (weight !== 0 || Number.isNaN(logP[v] as number) || Number.isNaN(logQ[v] as number)) divergence += weight * gap;
    }
    for (let v = first; v < first + columns; v++) {
      const p = Math.exp(logP[v] as number);
      if (Number.isNaN(divergence)) out[v] = divergence;
      else if (direction === 'forward') out[v] = p - Math.exp(logQ[v] as number);
      else out[v] = p > 0 ? p * ((logP[v] as number) - (logQ[v] as number) - divergence) : 0;
    }
    sums[row] = divergence;
  }
};
