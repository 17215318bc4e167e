import { logSumExp } from './softmax.ts';

/** Exact quantities of finite distributions, given as log-probabilities in nats over K outcomes; -Infinity is an impossible outcome. */

/** Σ π(y) r(y). */
export function expectedReward(logProbs: ArrayLike<number>, rewards: ArrayLike<number>): number {
  let sum = 0;
  for (let y = 0; y < logProbs.length; y++) sum += Math.exp(logProbs[y] ?? Number.NaN) * (rewards[y] ?? Number.NaN);
  return sum;
}

/** -Σ π log π. */
export function entropy(logProbs: ArrayLike<number>): number {
  let sum = 0;
  for (let y = 0; y < logProbs.length; y++) {
    const logp = logProbs[y] ?? Number.NaN;
    if (logp !== Number.NEGATIVE_INFINITY) sum -= Math.exp(logp) * logp;
  }
  return sum;
}

/** KL(p ‖ q) = Σ p log(p / q). */
export function klDivergence(logP: ArrayLike<number>, logQ: ArrayLike<number>): number {
  let sum = 0;
  for (let y = 0; y < logP.length; y++) {
    const logp = logP[y] ?? Number.NaN;
    if (logp !== Number.NEGATIVE_INFINITY) sum += Math.exp(logp) * (logp - (logQ[y] ?? Number.NaN));
  }
  return sum;
}

/** The policy that maximises E[r] - β KL(π ‖ π_ref): log-probs of π* ∝ π_ref e^{r / β} (arXiv:2305.18290, equation 4). */
export function closedFormOptimum(refLogProbs: ArrayLike<number>, rewards: ArrayLike<number>, beta: number): Float64Array {
  const scores = Float64Array.from(refLogProbs, (logp, y) => logp + (rewards[y] ?? Number.NaN) / beta);
  const logZ = logSumExp(scores);
  return scores.map((score) => score - logZ);
}

/** Probability of each outcome to be the best of n independent draws, ties shared by how likely each outcome is. */
export function bestOfN(logProbs: ArrayLike<number>, rewards: ArrayLike<number>, n: number): Float64Array {
  const order = Array.from(logProbs, (_, y) => y).sort((a, b) => (rewards[a] ?? 0) - (rewards[b] ?? 0));
  const best = new Float64Array(logProbs.length);
  let below = 0;
  for (let first = 0; first < order.length; ) {
    let last = first;
    while (last < order.length && rewards[order[last] ?? 0] === rewards[order[first] ?? 0]) last++;
    const level = order.slice(first, last);
    const mass = level.reduce((sum, y) => sum + Math.exp(logProbs[y] ?? Number.NaN), 0);
    const share = mass > 0 ? ((below + mass) ** n - below ** n) / mass : 0;
    for (const y of level) best[y] = Math.exp(logProbs[y] ?? Number.NaN) * share;
    below += mass;
    first = last;
  }
  return best;
}

/** 1 - (1 - p)^k: that at least one of k independent answers is right, where each is with probability p. */
export const passAtK = (p: number, k: number): number => -Math.expm1(k * Math.log1p(-Math.min(1, p)));

/** 1 - p^n - (1 - p)^n: that n independent answers, right with probability p, are neither all right nor all wrong. */
export const mixedShare = (p: number, n: number): number => Math.max(0, 1 - p ** n - (1 - p) ** n);

/** Σ_y (π(y) (r(y) - E[r]))²: the squared norm of the gradient of the expected reward by the logits. */
export function rewardGradientSquared(logProbs: ArrayLike<number>, rewards: ArrayLike<number>): number {
  const mean = expectedReward(logProbs, rewards);
  let sum = 0;
  for (let y = 0; y < logProbs.length; y++) sum += (Math.exp(logProbs[y] ?? Number.NaN) * ((rewards[y] ?? Number.NaN) - mean)) ** 2;
  return sum;
}
