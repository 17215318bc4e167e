import { bestOfN } from '../../../core/exact.ts';
import { logSumExp } from '../../../core/softmax.ts';
import { at, type Vector } from '../vectors.ts';

/**
 * Log-probs of the policy that minimises (log-ratio difference - target)² over all pairs of independent draws from a law, ordered by
 * reward: π ∝ π_ref exp(target · (P(win) - P(lose))), win and lose against one draw. Ties, which carry no order, count as neither. The
 * draws are the reference's unless `dataLogProbs` says whose they are.
 */
export function ipoLimit(
  refLogProbs: readonly number[],
  rewards: readonly number[],
  target: number,
  dataLogProbs: readonly number[] = refLogProbs,
): number[] {
  const scores = refLogProbs.map((logp, y) => {
    const balance = dataLogProbs.reduce(
      (sum, other, z) => sum + Math.exp(other) * Math.sign((rewards[y] ?? Number.NaN) - (rewards[z] ?? Number.NaN)),
      0,
    );
    return logp + target * balance;
  });
  const logZ = logSumExp(scores);
  return scores.map((score) => score - logZ);
}

/** Mean of log π / π_ref of the best of `count` draws from the reference. */
export const winnersGain = (reference: Vector, rewards: Vector, trained: Vector, count: number): number =>
  bestOfN(reference, rewards, count).reduce((sum, p, y) => sum + p * (at(trained, y) - at(reference, y)), 0);
