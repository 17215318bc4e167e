import type { Group, ObjectiveChoice, OptimizerChoice, Parameters, Policy, ReferenceSync } from './experiment.ts';

/** How samples and their rewards become an update: what is minimised on them. The previous iterate is the policy that was sampled. */
export interface OnPolicyLoss {
  /** of groups, best response first; an objective of pairs means its mean over the pairs of each group whose ranks differ */
  objective: ObjectiveChoice;
  /**
   * trains an objective of pairs on one list instead: of all pairs of all groups, those whose rewards differ by `threshold` or more, equal
   * ones as they were drawn; default 0, all of them but a response against itself
   */
  pairs?: { threshold?: number };
}

/** Short names of some losses, as experiments had them before any objective could be named; what each means stands in one table. */
export type OnPolicyKind =
  /** `reinforce`, `reinforce_minimum` or `reinforce_no_baseline`; default mean */
  | { kind: 'reinforce'; baseline?: 'mean' | 'minimum' | 'none' }
  /** `ppo`; `clip` is its ε */
  | { kind: 'ppo'; clip?: number }
  /** `dpo` on pairs, default β 1 */
  | { kind: 'dpo'; beta?: number; threshold?: number }
  /** `ipo_sum` on pairs with the margin `target` = 1 / (2 β), default 10 */
  | { kind: 'ipo'; target?: number; threshold?: number }
  /** `best_of_n` */
  | { kind: 'best-of-n' }
  /** `rwr`; `temperature` is its T */
  | { kind: 'rwr'; temperature?: number }
  /** any objective on groups */
  | { kind: 'group'; objective: ObjectiveChoice };

export type OnPolicyMethod = OnPolicyLoss | OnPolicyKind;

/** Rounds of sampling and training on a policy whose responses are single outcomes. */
export interface OnPolicyExperiment {
  policy: Policy;
  /** [prompts, K] */
  rewards: number[][];
  method: OnPolicyMethod;
  sampling: {
    /** groups drawn for each prompt in each round */
    groups: number;
    /** responses in a group */
    n: number;
    rounds: number;
    /** updates on the samples of one round */
    updates: number;
    /** who is sampled: the present policy, or the one at the start (offline data); default 'policy' */
    source?: 'policy' | 'start';
    /** offline data is drawn once and kept for all rounds, a fixed data set; default: drawn afresh before each round */
    once?: boolean;
    /** [prompts, K] logits of a third law to sample in place of `source`: offline data that others made */
    sampler?: number[][];
    /**
     * Groups whose rewards are all equal are left out of the updates, as by DAPO's dynamic sampling (arXiv:2503.14476), which draws others
     * in their place; default false
     */
    dropEqualRewards?: boolean;
    /**
     * For objectives that tell who drew a response: half of each group, rounded down and drawn last, are an opponent's, of the law
     * ∝ π^(1 - c) π_ref^c with this c from 0 to 1, as TRL's mixture_coef; default the objective's own (xpo 1, nash_md 0.5), 1 for a line
     */
    mixtureCoef?: number;
    /**
     * Share of the rounds whose samples are the policy's own, as TRL's lmbda (arXiv:2306.13649); those of the others are drawn from π_ref,
     * which is then the previous iterate, too. Default 1
     */
    lmbda?: number;
  };
  /**
   * Pairwise rewards: a sample's reward becomes the share of its group's other samples that it beats, where i beats j with probability
   * σ((r_i - r_j) / temperature): a verdict drawn for each two samples, or that probability itself. Pref-GRPO, arXiv:2508.20751, as in its
   * released code, with a judge that never calls a tie; default: rewards as they are
   */
  verdicts?: {
    temperature: number;
    /** default 'drawn' */
    kind?: 'drawn' | 'expected';
  };
  /** β of a penalty β (log π - log π_ref) taken off the rewards, under the policy that was sampled; default 0 */
  klPenalty?: number;
  /** the reference becomes the present policy before every so many-th round; default never */
  resetReference?: number;
  /** π_ref, a policy of the same kind and shape, such as a teacher; default the policy at the start */
  reference?: Policy;
  /** π_ref follows the policy, counted in updates; default it stays */
  syncReference?: ReferenceSync;
  optimizer: Omit<OptimizerChoice, 'steps' | 'batchSize'>;
  seed?: number;
}

/** Exact state of an on-policy run before a round, or between two updates on the samples of one; means over prompts. */
export interface OnPolicyRound {
  round: number;
  /** before a round: the groups drawn from this state, with the rewards that are trained on, prompt after prompt; else absent */
  groups?: Group[];
  /** updates done so far */
  updates: number;
  expectedReward: number;
  entropy: number;
  /** KL(π ‖ π at the start) */
  klToStart: number;
  /** KL(π ‖ π_ref), which differs where the reference is another policy, or has moved */
  klToReference: number;
  /** [prompts × K] */
  outcomeLogps: number[];
}

export interface OnPolicyTrajectory {
  /** before each round, and after the last */
  rounds: OnPolicyRound[];
  final: Parameters;
}

/** Gradient descent on a divergence from a target distribution. */
export interface TargetExperiment {
  policy: Policy;
  /** [prompts, K] log-probabilities q */
  targetLogps: number[][];
  /**
   * forward: KL(q ‖ π), maximum likelihood; reverse: KL(π ‖ q), what policy-gradient methods minimise; jensen: the Jensen–Shannon divergence
   * β KL(q ‖ m) + (1 - β) KL(π ‖ m) with m = β q + (1 - β) π, as GKD has it (arXiv:2306.13649, and TRL's GKDTrainer with `beta`)
   */
  direction: 'forward' | 'reverse' | 'jensen';
  /** β of `jensen`, between 0 and 1; default 0.5 */
  beta?: number;
  optimizer: Omit<OptimizerChoice, 'batchSize'>;
  /** steps to record; default a readable subset */
  record?: number[];
  seed?: number;
}

/** The state before update `step` + 1. */
export interface TargetStep {
  step: number;
  /** [prompts] the divergence that is minimised */
  divergences: number[];
  /** [prompts × K] */
  outcomeLogps: number[];
}
