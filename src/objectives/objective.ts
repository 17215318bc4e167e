import type { Expression } from '../core/expression/expression.ts';
import type { PairInput } from './inputs.ts';

/** An interval of valid values; an end of ±Infinity is open. */
export interface Range {
  readonly from: number;
  readonly to: number;
  /** whether `from` itself is left out */
  readonly above?: boolean;
  /** whether `to` itself is left out */
  readonly below?: boolean;
}

export interface ObjectiveParameter {
  readonly default: number;
  /** ends of a slider */
  readonly min: number;
  readonly max: number;
  readonly valid: Range;
  readonly tex: string;
  /** what turning it up does, in one sentence */
  readonly description: string;
  /** other names of the same parameter */
  readonly aliases?: readonly string[];
  /** the parameter whose value it has where it is not given */
  readonly follows?: string;
}

/** What a pair must provide for an objective. */
export type Need =
  | 'reference'
  | 'lengths'
  | 'previous iterate'
  | 'rewards'
  | 'label'
  | 'batch statistics'
  | 'token distributions'
  | 'opponents';

/**
 * Where the formula was read: printed in the paper; in the released code of a repository, owner/name; nowhere, where a text describes it in
 * words alone; or it is our own, because the paper's is of something else.
 */
export type FormulaSource = 'paper' | 'words' | 'ours' | `${string}/${string}`;

/** What a formula is cited by. */
export interface Citation {
  /** 'arXiv:...', or where else it stands; null where there is none to name */
  readonly paper: string | null;
  readonly equation: string | null;
  readonly source: FormulaSource;
}

/** One preference objective. The loss is its only definition; everything else is derived from it or is about it. */
export interface Objective extends Citation {
  readonly over: 'pairs';
  readonly id: string;
  readonly name: string;
  /** heading in a menu */
  readonly family: string;
  /** TRL's `loss_type` names and other names that mean the same */
  readonly aliases: readonly string[];
  /** the loss of one pair as a line of mathematics, as a reader would type it */
  readonly text: string;
  /** the loss of one pair, in nats, with `score_w` and `score_l` left open for an f-divergence */
  readonly template: Expression;
  /** the loss of one pair, in nats; with a choice of f-divergence, that of the reverse KL */
  readonly loss: Expression;
  readonly parameters: Readonly<Record<string, ObjectiveParameter>>;
  /** takes `fDivergence` and `alphaDivergenceCoef` */
  readonly divergence: boolean;
  /** takes `useWeighting` (WPO) */
  readonly weighting: boolean;
  /** what it reads of a pair, `logp_w` and `logp_l` included */
  readonly inputs: readonly PairInput[];
  readonly needs: readonly Need[];
  /** meant for responses sampled from the present policy */
  readonly onPolicy: boolean;
  /** a parameter that another objective adds to this one: choosing it chooses that objective */
  readonly extensions: Readonly<Record<string, string>>;
  /** one sentence on what the formula says; what it does in a run is measured, in `atlas/behaviour` */
  readonly behaviour: string;
}
