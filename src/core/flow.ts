import type { ObjectiveChoice, Pair, Policy } from './experiment.ts';

/**
 * The gradient flow of one pair's objective, as a vector field on the distributions over a few outcomes. A small step of
 * gradient descent with learning rate η takes η of time.
 *
 * Where the hidden vector alone is trained, the logits are b + W h with b frozen, so that a line may begin anywhere; dz/dt = W Wᵀ r with
 * r = d_w (e_w − π) − d_l (e_l − π). Where the unembedding alone is trained it is ‖h‖² r, and with free logits r. In each case the flow
 * depends on the distribution alone; with both parts trained it would not.
 */
export interface FlowExperiment {
  /** over at most 8 outcomes, with one prompt and not both parts trained */
  policy: Policy;
  /** [K] log-probabilities of the reference; default the policy's own */
  referenceLogps?: number[];
  /** exactly one; the time of its `weight` runs faster */
  pairs: Pair[];
  /**
   * [K] reward of each outcome. The flow is then that of the expected update on groups of two that the present policy draws: the mean, over
   * all K² ordered draws with their probabilities, of the gradient of the group's loss. Ratios are those of the first update on a group, 1
   * each. Of an objective that tells who drew a response the second draw is the opponent's. `objective` is one of groups, and the pair only
   * says whose rates and pulls are written
   */
  rewards?: number[];
  objective: ObjectiveChoice;
  /** [K] the corner of the triangle, 0 to 2, that each outcome is counted in */
  corners: number[];
  /** [starts, K] logits or log-probabilities where the lines begin, row-major */
  starts: ArrayLike<number>;
  /**
   * What a step advances by: time, or length in an equilateral triangle of side 1. A step of length is shorter where it would move a
   * log-prob by more than half a nat; the line stays where the flow vanishes or turns about.
   */
  clock: 'time' | 'length';
  size: number;
  steps: number;
}

type Column = Float32Array | Float64Array;

/** Points of the lines of a flow; every array is [steps + 1, starts]. NaN where the objective has no finite slope. */
export interface FlowLines {
  starts: number;
  steps: number;
  /** probabilities of the three corners */
  corners: readonly [Column, Column, Column];
  time: Column;
  /** in an equilateral triangle of side 1 */
  speed: Column;
  /** d log π(y_w) / dt */
  chosenRate: Column;
  /** d_w = −∂loss/∂log π(y_w); of an expected update the pull on the logit of y_w, which has the others' share taken off */
  chosenForce: Column;
  /** d_l = ∂loss/∂log π(y_l); of an expected update minus the pull on the logit of y_l */
  rejectedForce: Column;
}
