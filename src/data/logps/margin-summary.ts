import { mean, softplus } from '../../core/numerics.ts';
import type { PairLogps } from './pair-logps.ts';

/** What follows from the log-probs of pairs; all in nats and before any β. */
export interface Margins {
  /** [n] log π(y_w) - log π(y_l) */
  policy: Float64Array;
  /** [n] the same of the reference; null without one, as all below */
  reference: Float64Array | null;
  /** [n] policy margin less reference margin: the implicit reward margin of DPO divided by β */
  reward: Float64Array | null;
  /** [n] log π(y_w) - log π_ref(y_w) */
  chosenChange: Float64Array | null;
  /** [n] */
  rejectedChange: Float64Array | null;
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - (b[i] ?? Number.NaN));

export function marginsOf({ chosen, rejected, reference }: Pick<PairLogps, 'chosen' | 'rejected' | 'reference'>): Margins {
  const policy = difference(chosen, rejected);
  if (!reference) return { policy, reference: null, reward: null, chosenChange: null, rejectedChange: null };
  const referenceMargin = difference(reference.chosen, reference.rejected);
  return {
    policy,
    reference: referenceMargin,
    reward: difference(policy, referenceMargin),
    chosenChange: difference(chosen, reference.chosen),
    rejectedChange: difference(rejected, reference.rejected),
  };
}

/** Share of values above 0. A tie counts as wrong, as in TRL's `rewards/accuracies`. */
export function shareAbove(values: Float64Array): number {
  let above = 0;
  for (const value of values) if (value > 0) above++;
  return above / values.length;
}

/** Pairs by the signs of their two changes since the reference. */
export interface ChangeCounts {
  chosenFell: number;
  /** chosen and rejected */
  bothFell: number;
  /** the chosen response fell although the margin grew: the loss of the pair went down, and so did its chosen response */
  displaced: number;
}

export function countChanges({ reward, chosenChange, rejectedChange }: Margins): ChangeCounts | null {
  if (!reward || !chosenChange || !rejectedChange) return null;
  const counts = { chosenFell: 0, bothFell: 0, displaced: 0 };
  for (const [i, change] of chosenChange.entries()) {
    if (change >= 0) continue;
    counts.chosenFell++;
    if ((rejectedChange[i] ?? 0) < 0) counts.bothFell++;
    if ((reward[i] ?? 0) > 0) counts.displaced++;
  }
  return counts;
}

/** What a file of log-probs says of its model. */
export interface LogpFacts {
  margins: Margins;
  /** share of pairs with log π(y_w) > log π(y_l): ranking accuracy */
  ranked: number;
  /** the same under the reference; null without one */
  referenceRanked: number | null;
  /** share of pairs with a larger implicit reward for the chosen response; null without a reference */
  rewarded: number | null;
  changes: ChangeCounts | null;
}

export function logpFacts(logps: PairLogps): LogpFacts {
  const margins = marginsOf(logps);
  return {
    margins,
    ranked: shareAbove(margins.policy),
    referenceRanked: margins.reference && shareAbove(margins.reference),
    rewarded: margins.reward && shareAbove(margins.reward),
    changes: countChanges(margins),
  };
}

/** Mean DPO loss -log σ(β · reward margin) over the pairs. */
export const meanDpoLoss = (reward: Float64Array, beta: number): number => mean(reward.map((margin) => softplus(-beta * margin)));
