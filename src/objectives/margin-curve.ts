import type { CompiledObjective } from './compile.ts';
import type { PairConstant } from './inputs.ts';

/** A loss and its two slopes along a range of margins, float64. */
export interface MarginCurve {
  readonly margins: Float64Array;
  readonly losses: Float64Array;
  /** d loss / d log π(y_w) */
  readonly byChosen: Float64Array;
  /** d loss / d log π(y_l) */
  readonly byRejected: Float64Array;
}

/** A pair to move along the margin: ten tokens a side, about as likely as a coin toss each, a label of 0.9 and a unit reward gap. */
const typicalPair: Readonly<Record<PairConstant, number>> = {
  ref_w: -7,
  ref_l: -7,
  len_w: 10,
  len_l: 10,
  prev_w: -7,
  prev_l: -7,
  reward_w: 1,
  reward_l: 0,
  label: 0.9,
  weight: 1,
  mean_len_w: 10,
  sorted_ref_margin: 0,
  same_rank_logratio_w: 0,
  same_rank_logratio_l: 0,
  kl_baseline: 0,
  mean_logratio: 0,
  wpo_weight: 1,
};

/**
 * The loss of one pair while the margin (log π_w - log π_l) - (log π_ref_w - log π_ref_l) runs through `margins`: `share` of it comes from
 * a more likely chosen response, the rest from a less likely rejected one. `pair` replaces what the rest of the pair is taken to be.
 */
export function evaluateOverMargin(
  objective: CompiledObjective,
  margins: ArrayLike<number>,
  pair: Readonly<Partial<Record<PairConstant, number>>> = {},
  share = 0.5,
): MarginCurve {
  const fixed = { ...typicalPair, ...pair };
  const inputs = objective.inputs.map((name) => fixed[name]);
  const block = () => new Float64Array(margins.length);
  const curve = { margins: Float64Array.from(margins), losses: block(), byChosen: block(), byRejected: block() };
  for (const [i, margin] of curve.margins.entries()) {
    const value = objective.evaluate(fixed.ref_w + share * margin, fixed.ref_l - (1 - share) * margin, inputs);
    curve.losses[i] = value.loss;
    curve.byChosen[i] = value.byChosen;
    curve.byRejected[i] = value.byRejected;
  }
  return curve;
}
