import type { Group, ObjectiveChoice, OptimizerChoice, Parameters, Policy } from './experiment.ts';

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
  /** KL(π ‖ π_ref), which differs where the reference was reset */
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
  /** forward: KL(q ‖ π), maximum likelihood; reverse: KL(π ‖ q), what policy-gradient methods minimise */
  direction: 'forward' | 'reverse';
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
