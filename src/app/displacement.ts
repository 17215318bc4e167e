import type { FeaturesPolicy } from '../core/experiment.ts';

/**
 * First-order theory of one pair on one prompt of a features policy, at its present parameters.
 * With ΔW = W_w − W_l, W̄ = Σ π(z) W_z and the loss's derivative ℓ′ by the margin, gradient flow moves
 *   d log π(z) / dt = −ℓ′ ( ⟨W_z − W̄, ΔW⟩ + (1[z=w] − 1[z=l] − π_w + π_l) ‖h‖² ),
 * the first term from training the hidden vector, the second from training the unembedding
 * (arXiv:2410.08847, Theorems 4 and 5 in compact form).
 */
export interface FirstOrder {
  /** [tokens] ⟨W_z, ΔW⟩: ranks the gainers among the tokens outside the pair */
  readonly alignment: readonly number[];
  /** [tokens] ⟨W_z − W̄, ΔW⟩ */
  readonly fromHidden: readonly number[];
  /** [tokens] (1[z=w] − 1[z=l] − π_w + π_l) ‖h‖² */
  readonly fromUnembedding: readonly number[];
  /** [tokens] the sum of the parts that are trained; its sign is the sign of the first move of log π(z) */
  readonly rate: readonly number[];
}

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

export function firstOrder(policy: FeaturesPolicy, chosen: number, rejected: number): FirstOrder {
  const hidden = policy.hidden[0] ?? [];
  const rows = policy.unembedding;
  const logits = rows.map((row) => dot(row, hidden));
  const top = Math.max(...logits);
  const weights = logits.map((logit) => Math.exp(logit - top));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const probs = weights.map((weight) => weight / total);

  const difference = hidden.map((_, k) => (rows[chosen]?.[k] ?? 0) - (rows[rejected]?.[k] ?? 0));
  const alignment = rows.map((row) => dot(row, difference));
  const mean = dot(probs, alignment);
  const imbalance = (probs[rejected] ?? 0) - (probs[chosen] ?? 0);
  const hiddenNormSq = dot(hidden, hidden);

  const fromHidden = alignment.map((value) => value - mean);
  const fromUnembedding = rows.map((_, z) => (Number(z === chosen) - Number(z === rejected) + imbalance) * hiddenNormSq);
  const trainHidden = policy.train !== 'unembedding' ? 1 : 0;
  const trainUnembedding = policy.train !== 'hidden' ? 1 : 0;
  return {
    alignment,
    fromHidden,
    fromUnembedding,
    rate: fromHidden.map((value, z) => trainHidden * value + trainUnembedding * (fromUnembedding[z] ?? 0)),
  };
}

/**
 * The c at which the chosen answer's first move changes sign when both parts are trained and the unembedding is
 * multiplied, the hidden vector divided by c: above it the hidden part, which grows as c², outweighs the
 * unembedding part, which shrinks as c⁻². Null when the hidden part does not push the chosen answer down.
 */
export function flipScale(policy: FeaturesPolicy, chosen: number, rejected: number): number | null {
  const { fromHidden, fromUnembedding } = firstOrder(policy, chosen, rejected);
  const down = -(fromHidden[chosen] ?? 0);
  const up = fromUnembedding[chosen] ?? 0;
  return down > 0 && up > 0 ? (up / down) ** 0.25 : null;
}
