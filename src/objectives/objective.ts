import type { Expression } from '../core/expression.ts';

/** What a pair provides besides its two log-probs: held constant in the derivative. */
export const pairConstants = ['ref_w', 'ref_l'] as const;
export type PairConstant = (typeof pairConstants)[number];

/** Everything that an objective may read of a preference pair. */
export type PairInput = 'logp_w' | 'logp_l' | PairConstant;

export interface ObjectiveParameter {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly tex: string;
  /** what turning it up does, in one sentence */
  readonly description: string;
}

/** One preference objective. The loss is its only definition; everything else is derived from it or is about it. */
export interface Objective {
  readonly id: string;
  readonly name: string;
  /** TRL's `loss_type` names that mean the same */
  readonly aliases: readonly string[];
  readonly paper: string;
  readonly equation: string;
  /** the loss of one pair, in nats */
  readonly loss: Expression;
  readonly parameters: Readonly<Record<string, ObjectiveParameter>>;
  /** one honest sentence on known behaviour */
  readonly behaviour: string;
}
