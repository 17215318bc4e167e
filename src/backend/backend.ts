import type { UpdateSettings } from '../core/optimizer.ts';
import type { CompiledObjective } from '../objectives/compile.ts';
import type { CompiledGroupObjective } from '../objectives/group-compile.ts';
import type { EnsembleShape } from './ensemble-layout.ts';
import type { RegressionShape } from './regression-layout.ts';

export type BackendKind = 'webgpu' | 'cpu';

/** What is known of the adapter behind a WebGPU backend. */
export interface AdapterDescription {
  vendor: string;
  architecture: string;
  /** a software implementation, such as SwiftShader */
  isFallback: boolean;
  subgroups: boolean;
}

/** A block of numbers on a backend. Floats are float64 on the CPU and float32 on the GPU. */
export interface Storage {
  readonly type: 'float' | 'u32';
  /** number of elements */
  readonly length: number;
  dispose(): void;
}

/**
 * How the rows of a matrix are spread over invocations; the results differ in rounding only. One invocation a row that it
 * keeps in registers (held) or reads twice (packed), one workgroup a row that it keeps in registers (held_workgroup) or reads twice,
 * or rows split over many invocations or many workgroups and merged.
 */
export type RowStrategy = 'held' | 'held_workgroup' | 'packed' | 'workgroup' | 'split' | 'split_workgroups';

/** Overrides what the backend would choose by shape and adapter. */
export interface RowWish {
  strategy?: RowStrategy;
  /** false: no subgroup operations even where the adapter has them */
  subgroups?: boolean;
}

/**
 * The contract of an engine's kernels. Calls are carried out in the order in which they are made; only `read` and `done` wait,
 * and reject with the first error since the last wait. Shapes are row-major; inputs and outputs must not alias.
 * Arguments are trusted: `train/` and `engine.ts` validate what users pass.
 */
export interface Backend {
  readonly kind: BackendKind;
  readonly adapter: AdapterDescription | null;
  /** most elements that one storage can hold */
  readonly maxStorageLength: number;
  /** resolves with the reason if the device goes away */
  readonly lost: Promise<Error>;

  /** Copies host data to the backend. */
  upload(data: Float32Array | Float64Array | Uint32Array): Storage;
  /** A block of zeros, or, where it is written in full before it is read, of whatever was there before: that is cheaper. */
  allocate(type: Storage['type'], length: number, contents?: 'zeros' | 'undefined'): Storage;
  read(storage: Storage): Promise<Float32Array | Float64Array>;
  /** `read` of a u32 block. */
  readIndices(storage: Storage): Promise<Uint32Array>;
  /** Copies the whole of `source` to `target`, from element `at` on. */
  copy(source: Storage, target: Storage, at: number): void;
  done(): Promise<void>;
  /**
   * Compiles whatever the calls that `work` makes will need, beside other work, and does nothing else of them. Never rejects: what fails to
   * compile is told by the calls themselves. The CPU engine compiles nothing, and does not call `work`.
   */
  rehearse(work: () => void): Promise<void>;
  dispose(): void;

  /** `logProbs` [rows, columns] = log-softmax of `logits` [rows, columns] over the columns. */
  logSoftmax(task: { rows: number; columns: number; logits: Storage; logProbs: Storage } & RowWish): void;

  /** `stats` [rows, 2] = (peak, log(1 + rest)) of each row of `logits` [rows, columns] whose `mask` [rows] is not 0. */
  logSumExp(task: { rows: number; columns: number; logits: Storage; mask: Storage; stats: Storage } & RowWish): void;

  /** `logps` [B] = Σ_t mask · log-softmax(logits)[token], given the row stats of `logits` [B, T, V]. */
  sequenceLogps(task: SequenceTask & { logps: Storage }): void;

  /** `losses` [B], and `slopes` [2, B] = d(mean loss)/d(log-prob) of the chosen and the rejected side. */
  pairLosses(task: {
    pairs: number;
    objective: CompiledObjective;
    /** values of the objective's parameters, in `objective.parameterNames`' order; at least one element */
    objectiveParameters: Storage;
    chosenLogps: Storage;
    rejectedLogps: Storage;
    /** [B, objective.inputs] what else the objective reads of each pair; at least one element */
    pairInputs: Storage;
    weights: Storage;
    losses: Storage;
    slopes: Storage;
  }): void;

  /** `sorted` [B] = the values of all pairs in rising order. */
  sortBatch(task: BatchTask & { values: RankedValues; sorted: Storage }): void;
  /** Column of `pairInputs` = the element of `sorted` that holds the rank of the pair's own value. */
  sameRank(task: BatchTask & PairColumn & { values: RankedValues; sorted: Storage }): void;
  /** Column of `pairInputs` = mean log-ratio of all responses, at least 0. */
  klBaseline(task: BatchTask & PairColumn): void;
  /** Column of `pairInputs` = mean log-ratio of this and all earlier steps; `running` and `nextRunning` are (mean, count). */
  runningMean(task: BatchTask & PairColumn & { running: Storage; nextRunning: Storage }): void;
  /** `scores` [2, B] of one side = mean over its counted tokens of log π(y_t) − log Σ_v π(v)². */
  wpoScores(task: SequenceTask & { side: 'chosen' | 'rejected'; scores: Storage }): void;
  /** Column of `pairInputs` = exp of the sum of both sides' scores. */
  wpoPairs(task: PairColumn & { pairs: number; scores: Storage }): void;

  /** `weightedLogps` [B] = Σ_t mask · weight · log-softmax(logits)[token]. */
  weightLogps(task: SequenceTask & { tokenWeights: Storage; weightedLogps: Storage }): void;
  /** `gradient` [B, T, V] ← each position's times its weight. */
  weightGradient(task: { sequences: number; positions: number; columns: number; tokenWeights: Storage; gradient: Storage }): void;

  /** `gradient` [B, T, V] = d(mean loss)/d(logits) of one side, from the slopes and the side's row stats. */
  preferenceGradients(task: SequenceTask & { side: 'chosen' | 'rejected'; slopes: Storage; gradient: Storage }): void;

  /** `logits` [rows, columns] = the rows of `table` named by `contexts` [rows], plus the rows of `offsets.table` named by `offsets.rows`. */
  tableLogits(task: {
    rows: number;
    columns: number;
    table: Storage;
    contexts: Storage;
    offsets?: { table: Storage; rows: Storage };
    logits: Storage;
  }): void;
  /** `gradient` [tableRows, columns] = sums of logit gradients over each table row's members. */
  tableGradient(task: GradientTask & { tableRows: number; gradient: Storage }): void;

  /** `logits` [rows, columns] = unembedding · hidden[contexts]; every `sharing` neighbouring contexts have one of the unembeddings. */
  featuresLogits(task: {
    rows: number;
    columns: number;
    dimensions: number;
    sharing: number;
    hidden: Storage;
    unembedding: Storage;
    contexts: Storage;
    logits: Storage;
  }): void;
  /** `gradient` [contexts, dimensions] by the hidden vectors. */
  hiddenGradient(task: FeaturesGradientTask & { unembedding: Storage; gradient: Storage }): void;
  /** `gradient` [contexts / sharing, columns, dimensions] by the unembeddings. */
  unembeddingGradient(task: FeaturesGradientTask & { hidden: Storage; gradient: Storage }): void;

  /** Moves the parameters by one update of `settings.rule`; `first` and `second` are its slots, of one element where it keeps none. */
  optimizerStep(task: {
    length: number;
    settings: UpdateSettings;
    /** 1 - β₁ᵗ and 1 - β₂ᵗ at this update */
    corrections: readonly [number, number];
    gradient: Storage;
    parameters: Storage;
    first: Storage;
    second: Storage;
  }): void;

  /** Kernels for more than runs on pairs; fetched when they are first asked for. */
  further(): Promise<FurtherKernels>;
}

/** Kernels that a run on pairs does not need. */
export interface FurtherKernels {
  /** `losses` [G] of groups of responses, and `slopes` [N] = d(mean loss)/d(log-prob) of every response. */
  groupLosses(task: {
    /** of all groups, N */
    responses: number;
    objective: CompiledGroupObjective;
    /** values of the objective's parameters, in `objective.parameterNames`' order; at least one element */
    objectiveParameters: Storage;
    /** [N] best first, group after group */
    logps: Storage;
    /** [N, objective.inputs] what else the objective reads of each response; at least one element */
    groupInputs: Storage;
    /** [N, 3] u32: the response's group, that group's first response, and the one after its last */
    membership: Storage;
    /** [G] each group's share in its mean: 1 / G where there is one mean and all weigh alike */
    shares: Storage;
    /** [N, itemSize] scratch */
    items: Storage;
    losses: Storage;
    slopes: Storage;
    /** null where the objective has no sum over tokens */
    tokens: TokenStorages | null;
  }): void;

  /**
   * `stats` [B, T, 2] and `gradient` [B, T, V] of one side, as `logSumExp` and `preferenceGradients` give them in turn, for slopes that stand
   * before any row is read: each row is then read once where the adapter can hold it.
   */
  rowGradients(task: SequenceTask & { side: 'chosen' | 'rejected'; slopes: Storage; gradient: Storage } & RowWish): void;

  /**
   * Slopes [2, B] of one side for the normalised pair update: ∓ (weight / B) / ‖∇ log π(y)‖, 0 where the gradient vanishes.
   * `hidden` and `unembedding` are not read where `dimensions` is 0 (a table).
   */
  normalisedSlopes(task: {
    sequences: number;
    positions: number;
    columns: number;
    dimensions: number;
    hiddenTrained: boolean;
    unembeddingTrained: boolean;
    side: 'chosen' | 'rejected';
    /** [B, T, V] logit gradients of the side for slopes of 1 */
    residuals: Storage;
    /** [B, T] */
    contexts: Storage;
    hidden: Storage;
    unembedding: Storage;
    weights: Storage;
    slopes: Storage;
  }): void;

  /**
   * `gradient` [rows, columns] of KL(q ‖ p) (forward), KL(p ‖ q) (reverse) or β KL(q ‖ m) + (1 - β) KL(p ‖ m) with m = β q + (1 - β) p (jensen;
   * `beta` between 0 and 1, default 0.5) by the logits of p, and `divergences` [rows], from log p and log q.
   */
  klGradient(
    task: {
      rows: number;
      columns: number;
      direction: 'forward' | 'reverse' | 'jensen';
      beta?: number;
      logProbs: Storage;
      targetLogProbs: Storage;
      gradient: Storage;
      divergences: Storage;
    } & RowWish,
  ): void;

  /** `words` [length] u32: word i is word i % 4 of core/rng.ts' block with key (seed, stream) and counter (i / 4, round). */
  randomWords(task: { length: number; seed: number; stream: number; round: number; words: Storage }): void;

  /**
   * `samples` [runs, rows, draws] u32 = indices drawn from softmax(logits), given the row stats; `columns` where a row has no distribution.
   * Random numbers: core/rng.ts with key (the run's seed, stream) and counter (index within the run / 4, round).
   */
  sampleCategorical(task: {
    runs: number;
    /** of each run */
    rows: number;
    columns: number;
    draws: number;
    /** [runs] u32 */
    seeds: Storage;
    stream: number;
    round: number;
    logits: Storage;
    stats: Storage;
    samples: Storage;
  }): void;

  /** `lines` [steps + 1][flowRows][starts] of the gradient flow of one pair's objective on the distributions over a few tokens. */
  simplexFlow(task: {
    starts: number;
    steps: number;
    tokens: number;
    /** the pair's tokens */
    chosen: number;
    rejected: number;
    /** size of a step: of time, or of length in a triangle of side 1 */
    size: number;
    byLength: boolean;
    /** the flow is of the expected update over pairs of answers drawn; the second of them from ∝ π^(1 - c) π_ref^c with this c */
    drawn: { readonly mixture: number } | null;
    objective: CompiledObjective;
    /** values of the objective's parameters, in `objective.parameterNames`' order; at least one element */
    objectiveParameters: Storage;
    /** [tokens, tokens] how the logits answer to a pull on each of them */
    gram: Storage;
    /** u32: each token's corner [tokens], then the index in `flowColumns` of each of the objective's columns */
    plan: Storage;
    /** the objective's known columns [objective.inputs], the pair's two reference log-probs, and, where pairs are drawn, those of all tokens and their rewards [2, tokens] */
    known: Storage;
    /** [tokens][starts] */
    logits: Storage;
    lines: Storage;
  }): void;

  /** `active` [contexts, units + 1] = tanh(weights [units, width] · inputs [contexts, width]), and a last column of ones. */
  tanhLayer(task: TanhLayer & { weights: Storage }): void;
  /** `gradient` [units, width] by the weights, from that by `active`, whose last column is not read. */
  tanhLayerGradient(task: TanhLayer & { activeGradient: Storage; gradient: Storage }): void;
  /**
   * Slopes [2, B] of one side for the normalised pair update, as `normalisedSlopes` gives them of other policies: of a network whose logits
   * are `outputs` [columns, units + 1] times the layer's results. Each response is one position.
   */
  tanhLayerSlopes(
    task: Omit<TanhLayer, 'contexts'> & {
      columns: number;
      sequences: number;
      side: 'chosen' | 'rejected';
      outputs: Storage;
      residuals: Storage;
      contexts: Storage;
      weights: Storage;
      slopes: Storage;
    },
  ): void;

  /** Compiles what an ensemble needs. Its calls work without, and what fails to compile is told by them. */
  prepareEnsemble(task: Pick<EnsembleTask, 'shape' | 'objective'>): Promise<void>;
  /** `updates` more updates of every run of an ensemble; from `firstStep` 0 on, the runs begin at `initial`. */
  ensembleTrain(task: EnsembleTask & { firstStep: number; updates: number }): void;
  /** `metrics` [metricRows][runs] of every run at its present state. */
  ensembleMeasure(task: EnsembleTask & { metrics: Storage }): void;

  /** Compiles what regressions side by side need. Their calls work without, and what fails to compile is told by them. */
  prepareRegressions(task: Pick<RegressionsTask, 'shape' | 'objective'>): Promise<void>;
  /** `updates` more updates of every regression; from `firstStep` 0 on, the runs begin at `initial`. */
  regressionTrain(task: RegressionsTask & { firstStep: number; updates: number }): void;
  /** `outcomes` [runs]: 1 for a run that has lost its numbers on its way or at its present state, else 0. */
  regressionOutcome(task: RegressionsTask & { outcomes: Storage }): void;
}

/** The tokens of all responses of groups, [N, positions] with room for the longest. */
export interface TokenStorages {
  positions: number;
  /** [N, positions] log-prob of each token */
  tokenLogps: Storage;
  /** [N, positions, 1 + objective.tokenInputs] 1 where there is a token, else 0, and what else the objective reads of it */
  tokenInputs: Storage;
  /** [N, 2 objective.tokenSums] scratch */
  tokenSums: Storage;
  /** [N, positions] d(mean loss)/d(log-prob) of each token; where there is none, anything */
  tokenSlopes: Storage;
}

/** A layer of tanh units. Inputs end in a 1, for the bias that a unit's weights end in. */
export interface TanhLayer {
  contexts: number;
  width: number;
  units: number;
  inputs: Storage;
  active: Storage;
}

/** Many runs of one shape. */
interface RunsTask {
  runs: number;
  plan: Storage;
  numbers: Storage;
  /** [settings][runs] */
  settings: Storage;
  initial: Storage;
  state: Storage;
  /** that of all runs; they differ in its parameters alone */
  objective: Pick<CompiledObjective, 'block' | 'wgsl'>;
  /** a run's own settings, in float64 */
  updateSettingsOf(run: number): UpdateSettings;
}

/** ensemble-layout.ts says what stands where: `initial` is [parameters][runs], `state` [persistent, or all of the memory][runs]. */
export interface EnsembleTask extends RunsTask {
  shape: EnsembleShape;
}

/** regression-layout.ts says what stands where: `initial` is [runs][weights], `state` [runs][size]. */
export interface RegressionsTask extends RunsTask {
  shape: RegressionShape;
}

/** What the pairs of a batch can be sorted by. */
export type RankedValues = 'chosen log-ratio' | 'rejected log-ratio' | 'policy margin' | 'reference margin';

/** Log-probs of all pairs under the policy and the reference. */
export interface BatchTask {
  pairs: number;
  /** [B] */
  chosenLogps: Storage;
  /** [B] */
  rejectedLogps: Storage;
  /** [B, 2] reference log-probs, chosen and rejected */
  references: Storage;
}

/** One column of the [B, columns] block that the objective reads. */
export interface PairColumn {
  columns: number;
  column: number;
  pairInputs: Storage;
}

/** One side of a batch: B sequences of T positions over V tokens, with finished row stats. */
export interface SequenceTask {
  sequences: number;
  positions: number;
  columns: number;
  /** [B, T, V] */
  logits: Storage;
  /** [B, T]; where the mask is 0 anything may stand */
  tokens: Storage;
  /** [B, T], 1 = counted */
  mask: Storage;
  /** [B, T, 2] */
  stats: Storage;
}

/** Logit gradients of both sides, and the lists that say which positions read which context. */
export interface GradientTask {
  columns: number;
  /** positions of the chosen side */
  chosenRows: number;
  chosenGradient: Storage;
  rejectedGradient: Storage;
  members: ContextMembers;
}

/** The same of contexts with hidden vectors, of which every `sharing` neighbours have one unembedding. */
export interface FeaturesGradientTask extends GradientTask {
  contexts: number;
  sharing: number;
  dimensions: number;
}

/** Counted positions grouped by the context that they read; from `chosenRows` on, an index means the rejected side. */
export interface ContextMembers {
  /** [contexts + 1] where each context's list begins */
  offsets: Storage;
  rows: Storage;
}
