import type { CompiledObjective } from '../objectives/compile.ts';

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
 * keeps in registers (held) or reads twice (packed), one workgroup a row, or rows split over many invocations or many workgroups and
 * merged.
 */
export type RowStrategy = 'held' | 'packed' | 'workgroup' | 'split' | 'split_workgroups';

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
  /** resolves with the reason if the device goes away */
  readonly lost: Promise<Error>;

  /** Copies host data to the backend. */
  upload(data: Float32Array | Float64Array | Uint32Array): Storage;
  /** A block of zeros, or, where it is written in full before it is read, of whatever was there before: that is cheaper. */
  allocate(type: Storage['type'], length: number, contents?: 'zeros' | 'undefined'): Storage;
  read(storage: Storage): Promise<Float32Array | Float64Array>;
  /** Copies the whole of `source` to `target`, from element `at` on. */
  copy(source: Storage, target: Storage, at: number): void;
  done(): Promise<void>;
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

  /** `gradient` [B, T, V] = d(mean loss)/d(logits) of one side, from the slopes and the side's row stats. */
  preferenceGradients(task: SequenceTask & { side: 'chosen' | 'rejected'; slopes: Storage; gradient: Storage }): void;

  /** `logits` [rows, columns] = the rows of `table` named by `contexts` [rows]. */
  tableLogits(task: { rows: number; columns: number; table: Storage; contexts: Storage; logits: Storage }): void;
  /** `gradient` [tableRows, columns] = sums of logit gradients over each table row's members. */
  tableGradient(task: GradientTask & { tableRows: number; gradient: Storage }): void;

  /** `logits` [rows, columns] = unembedding · hidden[contexts]. */
  featuresLogits(task: {
    rows: number;
    columns: number;
    dimensions: number;
    hidden: Storage;
    unembedding: Storage;
    contexts: Storage;
    logits: Storage;
  }): void;
  /** `gradient` [contexts, dimensions] by the hidden vectors. */
  hiddenGradient(task: GradientTask & { contexts: number; dimensions: number; unembedding: Storage; gradient: Storage }): void;
  /** `gradient` [columns, dimensions] by the unembedding. */
  unembeddingGradient(task: GradientTask & { dimensions: number; hidden: Storage; gradient: Storage }): void;

  /** parameters ← parameters − learningRate · gradient. */
  optimizerStep(task: { length: number; learningRate: number; gradient: Storage; parameters: Storage }): void;
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

/** Counted positions grouped by the context that they read; from `chosenRows` on, an index means the rejected side. */
export interface ContextMembers {
  /** [contexts + 1] where each context's list begins */
  offsets: Storage;
  rows: Storage;
  /** context of each member */
  contexts: Storage;
  count: number;
}
