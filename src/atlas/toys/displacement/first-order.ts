import type { FeaturesPolicy } from '../../../core/experiment.ts';
import { softmax } from '../../../core/softmax.ts';
import { dot } from '../../../core/vectors.ts';

/** The pull of an objective on the pair's log-probs: d_w = -∂loss/∂log π(y_w), d_l = ∂loss/∂log π(y_l). */
export interface PairForces {
  readonly chosen: number;
  readonly rejected: number;
}

/**
 * First-order theory of one pair on one prompt of a features policy, at its present parameters. The loss pulls the logits by
 *   r = d_w (e_w − π) − d_l (e_l − π),
 * and gradient flow moves, with W̄ = Σ π(z) W_z,
 *   d log π(z) / dt = ⟨W_z − W̄, Σ_v r_v W_v⟩ + (r_z − Σ_v π(v) r_v) ‖h‖²,
 * the first term from training the hidden vector, the second from training the unembedding. For a loss of the margin alone
 * d_w = d_l = −ℓ′ and r = −ℓ′ (e_w − e_l): arXiv:2410.08847, Theorems 4 and 5 in compact form.
 */
export interface FirstOrder {
  /** what the other fields are multiples of: −ℓ′ where d_w = d_l, else 1 */
  readonly unit: number;
  /** d_w = d_l, as of every loss of the margin alone, and of some others where the policy is the reference */
  readonly areForcesEqual: boolean;
  /** [tokens] π */
  readonly probs: readonly number[];
  /** [tokens] r */
  readonly pull: readonly number[];
  /** [tokens] ⟨W_z, Σ_v r_v W_v⟩, which is ⟨W_z, W_w − W_l⟩ where d_w = d_l: ranks the gainers among the tokens outside the pair */
  readonly alignment: readonly number[];
  /** [tokens] from training the hidden vector */
  readonly fromHidden: readonly number[];
  /** [tokens] from training the unembedding */
  readonly fromUnembedding: readonly number[];
  /** [tokens] the sum of the parts that are trained; its sign is the sign of the first move of log π(z) */
  readonly rate: readonly number[];
}

/** The forces of a loss of the margin, in units of −ℓ′. */
const marginForces: PairForces = { chosen: 1, rejected: 1 };

export function firstOrder(policy: FeaturesPolicy, chosen: number, rejected: number, forces: PairForces = marginForces): FirstOrder {
  const hidden = policy.hidden[0] ?? [];
  const rows = policy.unembedding;
  const probs = softmax(rows.map((row) => dot(row, hidden)));

  const areForcesEqual = Math.abs(forces.chosen - forces.rejected) <= 1e-12 * Math.abs(forces.chosen) && forces.chosen !== 0;
  const unit = areForcesEqual ? forces.chosen : 1;
  const [forceChosen, forceRejected] = [forces.chosen / unit, forces.rejected / unit];
  const pull = probs.map(
    (p, z) => forceChosen * (Number(z === chosen) - p) - forceRejected * (Number(z === rejected) - p), // r
  );
  const hiddenVelocity = hidden.map((_, k) => rows.reduce((sum, row, z) => sum + (pull[z] ?? 0) * (row[k] ?? 0), 0));
  const alignment = rows.map((row) => dot(row, hiddenVelocity));
  const mean = dot(probs, alignment);
  const meanPull = dot(probs, pull);
  const hiddenNormSq = dot(hidden, hidden);

  const fromHidden = alignment.map((value) => value - mean);
  const fromUnembedding = pull.map((value) => (value - meanPull) * hiddenNormSq);
  const trainHidden = policy.train !== 'unembedding' ? 1 : 0;
  const trainUnembedding = policy.train !== 'hidden' ? 1 : 0;
  return {
    unit,
    areForcesEqual,
    probs,
    pull,
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
export function flipScale(policy: FeaturesPolicy, chosen: number, rejected: number, forces?: PairForces): number | null {
  const { fromHidden, fromUnembedding, unit } = firstOrder(policy, chosen, rejected, forces);
  const down = -(fromHidden[chosen] ?? 0) * unit;
  const up = (fromUnembedding[chosen] ?? 0) * unit;
  return down > 0 && up > 0 ? (up / down) ** 0.25 : null;
}
