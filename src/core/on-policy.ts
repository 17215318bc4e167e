import type { ObjectiveChoice, OptimizerChoice, Parameters, Policy } from './experiment.ts';

/** How samples and their rewards become an update. Advantages are taken within a group. */
export type OnPolicyMethod =
  /** -A log π(y), A = r - baseline; with the minimum as baseline no sample is pushed down */
  | { kind: 'reinforce'; baseline?: 'mean' | 'minimum' | 'none' }
  /** -min(ρ A, clip(ρ, 1 - ε, 1 + ε) A), ρ = π / π_sampled, A = r - mean (arXiv:1707.06347, equation 7); `clip` is ε, default 0.2 */
  | { kind: 'ppo'; clip?: number }
  /** DPO on the pairs of a group, ordered by reward, whose rewards differ by `threshold` or more; default β 1, threshold 0: all pairs */
  | { kind: 'dpo'; beta?: number; threshold?: number }
  /** (log-ratio difference - target)² on the same pairs; default target 10, threshold 0 */
  | { kind: 'ipo'; target?: number; threshold?: number }
  /** -log π of each group's best response */
  | { kind: 'best-of-n' }
  /** -e^{r / T} log π(y); default T 1 */
  | { kind: 'rwr'; temperature?: number }
  /** any objective of groups on the samples, best first; the previous iterate is the policy that was sampled */
  | { kind: 'group'; objective: ObjectiveChoice };

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
  /** β of a penalty β (log π - log π_ref) taken off the rewards, under the policy that was sampled; default 0 */
  klPenalty?: number;
  /** the reference becomes the present policy before every so many-th round; default never */
  resetReference?: number;
  optimizer: Omit<OptimizerChoice, 'steps' | 'batchSize'>;
  seed?: number;
}

/** Exact state of an on-policy run before a round; means over prompts. */
export interface OnPolicyRound {
  round: number;
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
