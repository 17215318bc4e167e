import type { PairInput } from '../objectives/inputs.ts';

/** What is written of each point of a flow's line, in this order. */
export const flowRows = ['first', 'second', 'third', 'time', 'speed', 'chosenRate', 'chosenForce', 'rejectedForce'] as const;
export type FlowRow = (typeof flowRows)[number];

/**
 * How the shader finds a column of the objective: its index is the number in the plan. With one pair, each statistic of the batch is a
 * function of the present policy; all other columns are known beforehand. The policy that answers are drawn from is the present one.
 */
export const flowColumns = [
  'known',
  'kl_baseline',
  'mean_logratio',
  'same_rank_logratio_w',
  'same_rank_logratio_l',
  'wpo_weight',
  // of the two answers that are drawn, where the flow is that of an expected update
  'ref_w',
  'ref_l',
  'prev_w',
  'prev_l',
  'reward_w',
  'reward_l',
] as const satisfies readonly ('known' | PairInput)[];

/** Tokens that a line's distribution may have. */
export const mostFlowTokens = 8;
