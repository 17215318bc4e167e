import { softplus } from '../../core/numerics.ts';
import type { FurtherKernels } from '../backend.ts';
import { floats } from './storage.ts';

/** Twin of shaders/kl_gradient.wgsl. */
export const klGradient: FurtherKernels['klGradient'] = (task) => {
  const { rows, columns, direction, beta = 0.5, logProbs, targetLogProbs, gradient, divergences } = task;
  const logP = floats(logProbs);
  const logQ = floats(targetLogProbs);
  const out = floats(gradient);
  const sums = floats(divergences);
  const [logBeta, logRest] = [Math.log(beta), Math.log1p(-beta)];
  // log p/m and log q/m; a probability that is 0 has no part in m
  const ownShare = (p: number, q: number): number => -logRest - softplus(q + logBeta - (p + logRest));
  const targetShare = (p: number, q: number): number => -logBeta - softplus(p + logRest - (q + logBeta));
  for (let row = 0; row < rows; row++) {
    const first = row * columns;
    let divergence = 0;
    let toMixture = 0;
    for (let v = first; v < first + columns; v++) {
      const [p, q] = [logP[v] as number, logQ[v] as number];
      if (Number.isNaN(p) || Number.isNaN(q)) divergence = Number.NaN;
      else if (direction === 'jensen') {
        if (p > Number.NEGATIVE_INFINITY) toMixture += Math.exp(p) * ownShare(p, q);
        if (q > Number.NEGATIVE_INFINITY) divergence += Math.exp(q) * targetShare(p, q);
      } else {
        const weight = direction === 'reverse' ? Math.exp(p) : -Math.exp(q);
        if (weight !== 0) divergence += weight * (p - q);
      }
    }
    if (direction === 'jensen') divergence = beta * divergence + (1 - beta) * toMixture;
    for (let v = first; v < first + columns; v++) {
      const p = Math.exp(logP[v] as number);
      if (Number.isNaN(divergence)) out[v] = divergence;
      else if (direction === 'forward') out[v] = p - Math.exp(logQ[v] as number);
      else if (p === 0) out[v] = 0;
      else if (direction === 'jensen') out[v] = p * (1 - beta) * (ownShare(logP[v] as number, logQ[v] as number) - toMixture);
      else out[v] = p * ((logP[v] as number) - (logQ[v] as number) - divergence);
    }
    sums[row] = divergence;
  }
};
