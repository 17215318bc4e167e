/** How one run of a toy went. Probabilities are those of the chosen answer. */
export interface RunBehaviour {
  readonly start: number;
  /** after `settings.updates` */
  readonly after: number;
  readonly lowest: number;
  readonly lowestAt: number;
  /** after `settings.longUpdates`, or the last that was finite */
  readonly end: number;
  /** the answer with the largest probability at the end, by its number */
  readonly leader: number;
  /** log π/π_ref of the chosen answer less that of the rejected one, at the end, in nats */
  readonly margin: number;
  /** what the second half of the long run added to the margin */
  readonly drift: number;
  /** the update whose result was not finite any more; null: all were */
  readonly diverged: number | null;
}

/** What was measured of one objective with its parameters by default. */
export interface Behaviour {
  /** 'pair/dpo' or 'group/rloo' */
  readonly objective: string;
  /** the loss and its parameters as they were measured: another loss is to be measured again */
  readonly loss: string;
  /** d_w = −∂loss/∂log π(y_w) and d_l = ∂loss/∂log π(y_l) where the policy is the reference */
  readonly chosenForce: number;
  readonly rejectedForce: number;
  readonly learningRate: number;
  /** No over Never, its hidden vector trained */
  readonly shared: RunBehaviour;
  /** the same six answers from the same policy, each with a logit of its own */
  readonly free: RunBehaviour;
}

/** Updates of the runs: what is told first, and what is called the long run. */
export const settings = { updates: 100, longUpdates: 3000 } as const;
