/**
 * The plain-JSON vocabulary of prefscope: what is trained, and what comes back. Log-probabilities are in nats;
 * nested arrays are row-major.
 */

/**
 * A catalogue entry by id or by TRL's `loss_type` name, one line of mathematics, or a weighted sum.
 * Parameter names are TRL's in camelCase, or the symbol's name; defaults are the reference implementation's.
 */
export type ObjectiveChoice =
  | { name: string; params?: Record<string, number | string | boolean> }
  | { expression: string; params?: Record<string, number> }
  | { mix: { objective: ObjectiveChoice; weight: number }[] };

/** One logit a prompt and outcome: `logits` is [prompts, K]. */
export interface TabularPolicy {
  kind: 'tabular';
  logits: number[][];
}

/**
 * The unconstrained-features model of arXiv:2410.08847, section 4.1: logits = unembedding · hidden[prompt].
 * `hidden` is [prompts, d], `unembedding` [V, d].
 */
export interface FeaturesPolicy {
  kind: 'features';
  hidden: number[][];
  unembedding: number[][];
  /** which of the two is trained; default both */
  train?: 'both' | 'hidden' | 'unembedding';
  /** c > 0 starts from hidden / c and c · unembedding: the same distribution, other gradients; default 1 */
  scale?: number;
}

/** Start row per prompt, then one row per previous token: `table` is [prompts + vocab, vocab]. */
export interface BigramPolicy {
  kind: 'bigram';
  prompts: number;
  vocab: number;
  table: number[][];
}

/**
 * Several tokens with logits θ_t at position t, shared by every prompt and prefix, plus frozen offsets of the context: the smallest
 * policy in which a shared suffix entangles the gradients (arXiv:2410.13828). `logits` is [positions, V]; null is a token that cannot
 * stand there.
 */
export interface FactorisedSequencePolicy {
  kind: 'sequence';
  form: 'factorised';
  logits: (number | null)[][];
  /** default 1 */
  prompts?: number;
  offsets?: SequenceOffset[];
}

/** Adds `logits` [V] at every position whose prefix begins with `prefix`, at `position` alone if given; several offsets add up. */
export interface SequenceOffset {
  prefix: number[];
  logits: number[];
  prompt?: number;
  position?: number;
}

/**
 * The unconstrained-features model for several tokens (arXiv:2410.08847, section 4.1): a free hidden vector for each prefix, prompt and
 * tokens so far, and one shared unembedding [V, d].
 */
export interface SequenceFeaturesPolicy {
  kind: 'sequence';
  form: 'features';
  prefixes: { prompt: number; tokens: number[]; hidden: number[] }[];
  unembedding: number[][];
  /** which of the two is trained; default both */
  train?: 'both' | 'hidden' | 'unembedding';
  /** as in FeaturesPolicy */
  scale?: number;
}

/** log π(y | x) ∝ ⟨features[y], weights[x]⟩ + base over K responses; the features are fixed. `weights` is [prompts, d]. */
export interface LogLinearPolicy {
  kind: 'logLinear';
  weights: number[][];
  /** [K, d], or Gaussian bumps exp(-(y - centre)² / (2 width²)) over responses 0 ... K - 1 on a line */
  features: number[][] | { responses: number; centres: number[]; width: number };
  /** frozen logits that are added: [K] for every prompt, or [prompts, K]; default 0 */
  base?: number[] | number[][];
}

/**
 * A network of one hidden layer: logits = output.weights · tanh(hidden.weights · inputs[prompt] + hidden.bias) + output.bias. The inputs
 * [prompts, d] are fixed; both layers are trained. `hidden` has H units: weights [H, d]; `output` weights [K, H].
 */
export interface MlpPolicy {
  kind: 'mlp';
  inputs: number[][];
  hidden: { weights: number[][]; bias: number[] };
  output: { weights: number[][]; bias: number[] };
}

/**
 * A number for each response to each prompt, told by a linear function of the response's features: log π(y | x) is the log-density of
 * `targets[x][y]` under the normal law of deviation 1 around ⟨inputs[x][y], weights⟩, so a likelihood is a squared error, as a denoiser's
 * is. Good to 1e-8 where that error is below 2, 1e-5 below 3; log π falls on by a line where it is above 7. `inputs` is [prompts,
 * responses, d], `targets` [prompts, responses], `weights` [d]; at most 17 responses. A response is written as a list of its index alone.
 */
export interface RegressionPolicy {
  kind: 'regression';
  inputs: number[][][];
  targets: number[][];
  weights: number[];
}

export type Policy = (
  | TabularPolicy
  | FeaturesPolicy
  | BigramPolicy
  | FactorisedSequencePolicy
  | SequenceFeaturesPolicy
  | LogLinearPolicy
  | MlpPolicy
  | RegressionPolicy
) & {
  /** standard deviation of Gaussian noise, drawn from the seed, on every trained parameter at the start; default 0 */
  noise?: number;
};

/** A response is an outcome index (tabular, features, logLinear, mlp) or a list of tokens (bigram, sequence). */
export interface Pair {
  prompt: number;
  chosen: number | number[];
  rejected: number | number[];
  /** factor of the pair's loss in the mean over pairs; default 1 */
  weight?: number;
  /** rewards of the chosen and the rejected response, for objectives that read them */
  rewards?: [chosen: number, rejected: number];
  /** probability that the chosen response is the better one, for objectives with soft labels */
  label?: number;
  /**
   * One from 0 to 1 for each token of the chosen response, which its log-prob is multiplied by in the loss: at 0 it does not count, though
   * what follows still reads it. Lengths are those of the counted tokens; recorded log-probs are of the whole response. Default: all 1
   */
  chosenMask?: number[];
  rejectedMask?: number[];
}

/** Two or more responses to one prompt, for objectives of whole lists. */
export interface Group {
  prompt: number;
  /** with `rewards` in any order; without, best first */
  responses: (number | number[])[];
  /** one for each response; they decide the order, equal ones in the order of the list */
  rewards?: number[];
  /** factor of the group's loss in the mean over groups; default 1 */
  weight?: number;
  /** how many of the responses, the last ones as they stand here, are an opponent's, for objectives that tell; default half, rounded down */
  opponents?: number;
}

export interface OptimizerChoice {
  /** see `optimizers` for each one's update, hyper-parameters and defaults */
  kind: 'sgd' | 'momentum' | 'nesterov' | 'adam' | 'normalised-pair';
  learningRate: number;
  steps: number;
  /** share of the last velocity that is kept */
  momentum?: number;
  /** decay of the mean gradient */
  beta1?: number;
  /** decay of the mean squared gradient */
  beta2?: number;
  /** keeps the division finite where the gradient is 0 */
  epsilon?: number;
  /** decoupled decay (arXiv:1711.05101): each update first multiplies the parameters by 1 - learningRate · weightDecay */
  weightDecay?: number;
  /** pairs (or groups) in each update, drawn without replacement from `seed`, epoch after epoch; default all */
  batchSize?: number;
}

/** What all generators of preferences share. Draws come from the experiment's seed. */
interface GeneratedData {
  /** [prompts, K] true reward of each outcome */
  rewards: number[][];
  /** [prompts, K] logits of the policy that responses are drawn from; default uniform */
  sampler?: number[][];
  /** share of each prompt's outcomes that may appear at all, at least two of them; which ones is drawn; default 1 */
  coverage?: number;
}

/** Comparisons of two different responses drawn from the sampler, one prompt after the other. */
export interface ComparisonData extends GeneratedData {
  /** who labels: P(a over b) = σ((r_a - r_b) / temperature), or the larger reward always, equal rewards by a fair coin */
  kind: 'bradley-terry' | 'deterministic';
  /** number of pairs */
  count: number;
  /** Bradley–Terry only; default 1 */
  temperature?: number;
  /** rate at which labels are turned round afterwards; default 0 */
  flipRate?: number;
  /**
   * Bradley–Terry only: ν of Davidson's model, P(tie) ∝ ν √(e^{r_a / T} e^{r_b / T}); a tied pair's label is a fair coin; default 0
   */
  ties?: number;
}

/** Groups of n responses drawn from the sampler; the best is chosen over the worst. Draws that are all alike are drawn again. */
export interface BestOfNData extends GeneratedData {
  kind: 'best-of-n';
  /** number of groups, one pair each */
  count: number;
  n: number;
}

/** Rankings of k different responses (Plackett and Luce's model), each spread over its k (k - 1) / 2 pairs, whose weights sum to 1. */
export interface RankingData extends GeneratedData {
  kind: 'ranking';
  /** number of rankings */
  count: number;
  k: number;
  /** default 1 */
  temperature?: number;
}

export type PreferenceData = ComparisonData | BestOfNData | RankingData;

/** A later stage of a run, which goes on from the parameters of the stage before: what it replaces. */
export interface Stage {
  pairs?: Pair[];
  groups?: Group[];
  data?: PreferenceData;
  objective?: ObjectiveChoice;
  optimizer?: OptimizerChoice;
  /** which policy the objective compares with: default the one at which this stage begins */
  reference?: 'stage start' | 'run start';
  /**
   * `fresh` (default): the optimiser and the mini-batches start again; `kept`: they go on, and so does a reference that moves, so that a
   * stage that changes nothing continues the run to the bit. Needs the kind of optimiser of the stage before.
   */
  optimizerState?: 'fresh' | 'kept';
}

/**
 * TR-DPO's moving reference (arXiv:2404.09656, as TRL's sync_ref_model has it): after every `refModelSyncSteps` updates the reference's
 * parameters become α times the policy's, and 1 - α times their own. α = 1 is a hard update.
 */
export interface ReferenceSync {
  /** default 512 */
  refModelSyncSteps?: number;
  /** α from 0 to 1; default 0.6 */
  refModelMixupAlpha?: number;
}

export interface Experiment {
  policy: Policy;
  /** may be empty where `data` generates pairs, and is where there are groups */
  pairs: Pair[];
  /**
   * trains on these instead of pairs. The objective is then one of `groupObjectives`, a line over y_i and y_j, or a pair objective, which
   * means its mean over the pairs of each group
   */
  groups?: Group[];
  /** pairs to generate after `pairs`, for policies whose responses are outcomes */
  data?: PreferenceData;
  objective: ObjectiveChoice;
  optimizer: OptimizerChoice;
  /** steps to record; default a readable subset that always holds 0 and the last. Step s is the state before update s+1. */
  record?: number[];
  seed?: number;
  /** π_ref, a policy of the same kind and shape, such as a teacher; default the policy at the start */
  reference?: Policy;
  /** π_ref follows the policy; default it stays. It begins anew where a stage begins, unless the optimiser's state is kept */
  syncReference?: ReferenceSync;
  /** stages after the first, such as preferences after SFT; steps are counted through */
  stages?: Stage[];
}

/**
 * A policy's parameters by tensor name: `logits`, or `hidden` and `unembedding`, or `table`, ...; row-major. Those of an mlp are
 * `hidden` [H, d + 1] and `output` [K, H + 1], each row a unit's weights and then its bias.
 */
export type Parameters = Record<string, Float32Array | Float64Array>;

/** The state of a run before update `step` + 1. */
export interface RecordedStep {
  step: number;
  /** mean over pairs or groups of weight × loss */
  loss: number;
  /** [pairs or groups] */
  losses: number[];
  /** [pairs] log π(chosen | prompt), summed over tokens; of each group's best response where there are groups */
  chosenLogps: number[];
  /** [pairs]; of each group's worst response where there are groups */
  rejectedLogps: number[];
  /** [groups][responses] in the order in which they were given; absent without groups */
  responseLogps?: number[][];
  /** [prompts × K] log-probabilities of every outcome; absent where responses are lists of tokens */
  outcomeLogps?: number[];
  /** [prompts × K] probabilities of every outcome; absent where responses are lists of tokens */
  probs?: number[];
  /** what a reference that moves says of the same: the loss of this state compares with it; absent where the reference stays */
  reference?: Pick<RecordedStep, 'chosenLogps' | 'rejectedLogps' | 'outcomeLogps'>;
}

export interface Trajectory {
  steps: RecordedStep[];
  final: Parameters;
}

/** Gradient geometry of one pair; of its counted tokens, where a mask leaves some out. */
export interface PairDiagnosis {
  /** ‖∇ log π(y_w)‖² */
  chosenGradNormSq: number;
  /** ‖∇ log π(y_l)‖² */
  rejectedGradNormSq: number;
  /** ⟨∇ log π(y_w), ∇ log π(y_l)⟩ */
  innerProduct: number;
  /** the inner product divided by both norms; NaN where a gradient vanishes */
  cosine: number;
  /** which of the three possible sign patterns a small step on this pair alone gives (arXiv:2410.13828, Table 1) */
  pattern: 'chosen-up-rejected-down' | 'both-down' | 'both-up';
  /** d log π(y_w) / dη under a step η down the gradient of the experiment's whole loss */
  chosenRate: number;
  rejectedRate: number;
  /** ⟨s_w, s_l⟩ - ‖s_w‖² (arXiv:2410.08847, Definition 2) where the policy has hidden vectors, else null */
  ches: number | null;
  /** the same with both sums divided by their lengths (Definition 3): for filtering, not a predictor of summed log-probs */
  chesNormalised: number | null;
}

export interface RunOptions {
  /** cancels: the call rejects with the signal's reason */
  signal?: AbortSignal;
  onProgress?(done: number, total: number): void;
}

/**
 * One axis of a sweep: what stands at `path` of the experiment, as in 'objective.params.beta' or 'policy.logits[0][3]'. Numbers, or whole
 * parts of the policy or of the pairs, as in 'policy.unembedding[1]' or 'pairs', where several numbers move together.
 */
export interface SweepPath {
  path: string;
  values: (number | object)[];
}

export interface SweepAxis extends SweepPath {
  /** further paths that move along with it, each with as many values */
  along?: SweepPath[];
}

/** The experiment at every pair of axis values, with the seeds experiment.seed, experiment.seed + 1, ... */
export interface Sweep {
  experiment: Experiment;
  x: SweepAxis;
  y: SweepAxis;
  /** default 1 */
  seeds?: number;
  /** gives every run's metrics in `perSeed`; default false */
  perSeed?: boolean;
  /** what an earlier call of the same sweep has finished, which is not trained again; with several seeds it must be `perSeed` */
  resume?: SweepResult;
  /** which part of the map is trained: cells index, index + of, ... in the order of SweepResult; default all */
  share?: { index: number; of: number };
}

/** Metrics of every run of a sweep, [seed][y][x]; NaN for a run that has not finished, or diverged. */
export interface SweepRuns {
  chosenLogpChange: Float32Array;
  lowestChosenLogpChange: Float32Array;
  rejectedLogpChange: Float32Array;
  margin: Float32Array;
  loss: Float32Array;
  topGainerProb: Float32Array;
  entropy: Float32Array;
  klToReference: Float32Array;
  expectedReward: Float32Array;
  ches: Float32Array;
  /** 1: ended with finite numbers, 2: diverged, 0: not finished */
  state: Uint8Array;
}

/**
 * Maps [y][x], row-major: means over a cell's runs that finished without diverging, at their last step, of means over pairs; NaN for a
 * cell without such a run. The reference is each run's own start.
 */
export interface SweepResult {
  /** log π(y_w) - log π_ref(y_w) */
  chosenLogpChange: Float32Array;
  /** the lowest that it was after any update, or 0 */
  lowestChosenLogpChange: Float32Array;
  /** log π(y_l) - log π_ref(y_l) */
  rejectedLogpChange: Float32Array;
  /** log π(y_w) - log π(y_l) */
  margin: Float32Array;
  loss: Float32Array;
  /**
   * Where the two responses part: the final probability of the outcome or token, other than the pair's two, whose probability grew
   * most. 0 where there is no other.
   */
  topGainerProb: Float32Array;
  /** that outcome for the first pair and the first seed; the size of the vocabulary where there is none, or the run has not finished */
  topGainer: Uint32Array;
  /** entropy of the distribution where the responses part */
  entropy: Float32Array;
  /** KL(π ‖ π_ref) of that distribution */
  klToReference: Float32Array;
  /** the policy's mean reward by the true rewards of `data`; NaN without them */
  expectedReward: Float32Array;
  /** ⟨s_w, s_l⟩ - ‖s_w‖² (arXiv:2410.08847, Definition 2) where the policy has hidden vectors; else NaN */
  ches: Float32Array;
  /** [y][x] runs that ended, diverged ones counted in */
  finished: Uint32Array;
  /** [y][x] runs whose loss or gradient ceased to be finite; they are in no mean */
  diverged: Uint32Array;
  /** runs that ended, over all cells */
  runs: number;
  perSeed?: SweepRuns;
}

export interface SweepOptions extends RunOptions {
  /** hears of the map so far now and then, and once more before a cancelled sweep rejects: what has finished is never lost */
  onPartial?(partial: SweepResult): void;
}
