import { klDivergence } from '../../../core/exact.ts';

/** Which of the exactly known cases two outcomes are in. `general`: neither p nor q is the same for both. */
export type TwoOutcomeCase = 'equal start' | 'equal target' | 'general';

/** How one step of gradient descent on free logits moves log π(a) - log π(b), for each unit of step size η. */
export interface FirstStep {
  /** under KL(q ‖ π): (q_a - p_a) - (q_b - p_b) */
  readonly forward: number;
  /** under KL(π ‖ q): p_a (log(q_a / p_a) + K) - p_b (log(q_b / p_b) + K) */
  readonly reverse: number;
  /** K = KL(p ‖ q) */
  readonly divergence: number;
  readonly p: readonly [number, number];
  readonly q: readonly [number, number];
  /** φ(q / p) of each outcome, φ(u) = u - 1 - log u: its share of K, which is their mean under p */
  readonly excess: readonly [number, number];
  /** the logarithmic mean of q_a and q_b: with p_a = p_b = p, reverse is faster towards the likelier one exactly where p is above it */
  readonly logarithmicMean: number;
  readonly kind: TwoOutcomeCase;
}

/** (a - b) / (ln a - ln b), and a where both are equal. */
export function logarithmicMean(a: number, b: number): number {
  // Near a = b the quotient is 0 / 0; the mean of both is then as good as float64 can tell.
  return Math.abs(a - b) <= 1e-9 * Math.max(a, b) ? (a + b) / 2 : (a - b) / (Math.log(a) - Math.log(b));
}

/** Equal to within the rounding of a normalisation in float64. */
const same = (x: number, y: number): boolean => Math.abs(x - y) <= 1e-9 * Math.max(x, y);

/**
 * The exact first step of both directions from p towards q, between outcomes a and b (the quantities of arXiv:2404.14367, Theorem 6.5, for
 * free logits; the normaliser cancels). Both `logP` and `logQ` are finite log-probabilities.
 */
export function firstStep(logP: ArrayLike<number>, logQ: ArrayLike<number>, a: number, b: number): FirstStep {
  const divergence = klDivergence(logP, logQ);
  const logRatio = (y: number): number => (logQ[y] ?? Number.NaN) - (logP[y] ?? Number.NaN);
  const p = [Math.exp(logP[a] ?? Number.NaN), Math.exp(logP[b] ?? Number.NaN)] as const;
  const q = [Math.exp(logQ[a] ?? Number.NaN), Math.exp(logQ[b] ?? Number.NaN)] as const;
  const excess = [Math.expm1(logRatio(a)) - logRatio(a), Math.expm1(logRatio(b)) - logRatio(b)] as const;
  return {
    forward: q[0] - p[0] - (q[1] - p[1]),
    reverse: p[0] * (logRatio(a) + divergence) - p[1] * (logRatio(b) + divergence),
    divergence,
    p,
    q,
    excess,
    logarithmicMean: logarithmicMean(q[0], q[1]),
    kind: same(p[0], p[1]) ? 'equal start' : same(q[0], q[1]) ? 'equal target' : 'general',
  };
}
