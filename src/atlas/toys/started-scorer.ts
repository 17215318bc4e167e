import type { Experiment, FeaturesPolicy } from '../../core/experiment.ts';

/** A scorer's fit that starts from these weights in place of 0: halves of them and of their opposite, as `weightsOf` puts them together. */
export function startedAt<E extends Omit<Experiment, 'seed'>>(fit: E, weights: readonly number[]): E {
  const halves = [0.5, -0.5].map((part) => weights.map((value) => part * value));
  return { ...fit, policy: { ...fit.policy, unembedding: halves } as FeaturesPolicy };
}
