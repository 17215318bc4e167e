import type { AdapterDescription, Backend, BackendKind, Storage } from '../backend/backend.ts';
import { createBackend } from '../backend/create.ts';
import { DisposedError, ObjectiveError, ShapeError, UnsupportedError } from '../core/errors.ts';
import type {
  Experiment,
  ObjectiveChoice,
  PairDiagnosis,
  Parameters,
  RunOptions,
  Sweep,
  SweepOptions,
  SweepResult,
  Trajectory,
} from '../core/experiment.ts';
import type { FlowExperiment, FlowLines } from '../core/flow.ts';
import type { OnPolicyExperiment, OnPolicyTrajectory, TargetExperiment, TargetStep } from '../core/on-policy.ts';
import type { Trial, TrialExperiment, TrialsOptions } from '../core/trial.ts';
import { resolveObjective } from '../objectives/resolve.ts';
import { allocateStatistics } from './passes/batch-statistics.ts';
import { computeGradients, computeLogps, computeLosses, type SideStorages, uploadObjectiveParameters } from './passes/forward-pass.ts';
import { countedTokens, interleave, lengthColumns, lengthDesensitised, packPairInputs, readsLengths } from './passes/pair-inputs.ts';
import type { TrainingRun } from './run.ts';
import {
  batchField,
  optionalColumns,
  type PreferenceBatch,
  type SequenceBatch,
  validateLogits,
  validatePair,
  validateSequences,
} from './sequence-batch.ts';
import { startRun, trainToEnd } from './start-run.ts';
import { EngineTensor, type Tensor } from './tensor.ts';

export interface PreferenceGradients {
  /** [B] loss of each pair */
  losses: Tensor;
  /** [B] log π(y_w) */
  chosenLogps: Tensor;
  /** [B] log π(y_l) */
  rejectedLogps: Tensor;
  /** [B, T, V] d(mean loss)/d(chosen logits) */
  chosenGrad: Tensor;
  /** [B, T, V] d(mean loss)/d(rejected logits) */
  rejectedGrad: Tensor;
}

/**
 * Computes on WebGPU or on the float64 CPU twin, with the same results up to rounding. Synchronous methods throw on bad input and
 * enqueue otherwise; errors of the device reject the next `read` or `done`.
 */
export interface Engine {
  readonly backend: BackendKind;
  /** null on the CPU engine */
  readonly adapter: AdapterDescription | null;
  /** why `auto` chose the CPU engine; null otherwise */
  readonly fallbackReason: string | null;
  /** resolves with the reason if the GPU device goes away; never resolves on the CPU engine */
  readonly lost: Promise<Error>;

  /** Copies `data` to the engine. Throws a ShapeError unless its length is the product of `shape`. */
  tensor(data: Float32Array | Uint32Array, shape: readonly number[]): Tensor;
  /**
   * log_softmax over the last axis of [..., V]; same shape out. -Infinity is a token that cannot occur. A row that holds a NaN or
   * +Infinity, or nothing but -Infinity, has no distribution: all its results are NaN.
   */
  logSoftmax(logits: Tensor): Tensor;
  /** [B]: sum over t of mask · log_softmax(logits)[token]. What stands at a masked position, NaN included, changes nothing. */
  sequenceLogProbs(batch: SequenceBatch): Tensor;
  /**
   * Losses and log-probs of each pair, and d(mean loss)/d(policy logits). With `ldAlpha` the reference log-probs must be sums weighted
   * alike: each token beyond the length of the pair's shorter response times ldAlpha.
   */
  preferenceGradients(batch: PreferenceBatch, objective: ObjectiveChoice): PreferenceGradients;
  /** Trains one toy policy to the end. */
  train(experiment: Experiment, options?: RunOptions): Promise<Trajectory>;
  /** A run that the caller drives step by step. */
  startRun(experiment: Experiment): Promise<TrainingRun>;
  /** Rounds of sampling from a policy over outcomes, labelling the samples with rewards and training on them. */
  trainOnPolicy(experiment: OnPolicyExperiment, options?: RunOptions): Promise<OnPolicyTrajectory>;
  /** Exact gradient descent of a policy over outcomes on KL(q ‖ π), KL(π ‖ q) or a Jensen–Shannon divergence. */
  matchTarget(experiment: TargetExperiment, options?: RunOptions): Promise<{ steps: TargetStep[]; final: Parameters }>;
  /** Lines of the gradient flow of one pair's objective, or of the expected update of one of groups, over a few outcomes, many at once. */
  flow(experiment: FlowExperiment, options?: RunOptions): Promise<FlowLines>;
  /** Gradient geometry of every pair at the experiment's initial parameters, or at `parameters`. */
  diagnose(experiment: Experiment, parameters?: Parameters): Promise<PairDiagnosis[]>;
  /**
   * Trains the experiment at every point of a grid, for each seed, many runs at once. Cancelling rejects with the signal's reason;
   * `onPartial` has the finished part. Rejects with a DeviceLimitError that says what would fit where not even one run does.
   */
  sweep(sweep: Sweep, options?: SweepOptions): Promise<SweepResult>;
  /** Compiles what a sweep will need, beside other work, so that its first results come sooner. Rejects as `sweep` does before any work. */
  prepareSweep(sweep: Sweep): Promise<void>;
  /**
   * Trains any experiments, in any mixture, to their ends: what shares a shape side by side (runs on samples on WebGPU alone), the rest one
   * by one, with the numbers of `train` and `trainOnPolicy` either way. Results in their order. Cancelling rejects with the signal's reason; `onPartial` has what has finished.
   */
  trials(experiments: readonly TrialExperiment[], options?: TrialsOptions): Promise<Trial[]>;
  /** Resolves when all enqueued work is done. */
  done(): Promise<void>;
  /** Frees the engine and everything on it. */
  dispose(): void;
}

/** `auto` (default): WebGPU on graphics hardware, else the CPU engine with `fallbackReason`. 'webgpu' rejects where there is no adapter. */
export async function openEngine(options: { backend?: BackendKind | 'auto' } = {}): Promise<Engine> {
  const { backend = 'auto' } = options;
  if (!['auto', 'webgpu', 'cpu'].includes(backend))
    throw new UnsupportedError(`There is no backend '${String(backend)}'. Choose 'auto', 'webgpu' or 'cpu'.`);
  const chosen = await createBackend(backend);
  return new BackendEngine(chosen.backend, chosen.fallbackReason);
}

class BackendEngine implements Engine {
  readonly fallbackReason: string | null;
  readonly #backend: Backend;
  #disposed = false;

  constructor(backend: Backend, fallbackReason: string | null) {
    this.#backend = backend;
    this.fallbackReason = fallbackReason;
  }

  get backend(): BackendKind {
    return this.#backend.kind;
  }

  get adapter(): AdapterDescription | null {
    return this.#backend.adapter;
  }

  get lost(): Promise<Error> {
    return this.#backend.lost;
  }

  tensor(data: Float32Array | Uint32Array, shape: readonly number[]): Tensor {
    this.#assertOpen();
    if (!(data instanceof Float32Array || data instanceof Uint32Array))
      throw new ShapeError('A tensor is made from a Float32Array or a Uint32Array.');
    if (shape.length === 0 || shape.some((size) => !Number.isInteger(size) || size < 1))
      throw new ShapeError(`A shape is a list of whole numbers of at least 1, not [${shape.join(', ')}].`);
    const size = shape.reduce((product, axis) => product * axis, 1);
    if (size !== data.length)
      throw new ShapeError(`Shape [${shape.join(', ')}] holds ${size} elements, but the data has ${data.length}. Make the two agree.`);
    return this.#wrap(this.#backend.upload(data), shape, data instanceof Uint32Array ? data.slice() : null);
  }

  logSoftmax(logits: Tensor): Tensor {
    const { storage, shape } = validateLogits(this, this.#own('logits', logits));
    const columns = shape.at(-1) ?? 1;
    const logProbs = this.#backend.allocate('float', storage.length, 'undefined');
    this.#backend.logSoftmax({ rows: storage.length / columns, columns, logits: storage, logProbs });
    return this.#wrap(logProbs, shape);
  }

  sequenceLogProbs(batch: SequenceBatch): Tensor {
    this.#assertOpen();
    const side = this.#side(batch, 'batch');
    computeLogps(this.#backend, side);
    side.release();
    return this.#wrap(side.logps, [side.task.sequences]);
  }

  preferenceGradients(batch: PreferenceBatch, choice: ObjectiveChoice): PreferenceGradients {
    this.#assertOpen();
    const objective = resolveObjective(choice);
    validatePair(this, batch);
    const backend = this.#backend;
    const pairs = batch.refChosenLogps.length;
    const withGradient = ({ task, logps }: Omit<SideStorages, 'gradient'>): SideStorages => ({
      task,
      logps,
      gradient: backend.allocate('float', task.logits.length, 'undefined'),
    });
    const [chosenSide, rejectedSide] = [this.#side(batch.chosen, 'chosen'), this.#side(batch.rejected, 'rejected')];
    const [chosen, rejected] = [withGradient(chosenSide), withGradient(rejectedSide)];
    const lengthsOf = ({ task, hostMask }: typeof chosenSide): ArrayLike<number> =>
      readsLengths(objective) ? countedTokens(task.sequences, task.positions, hostMask) : [];
    const [chosenLengths, rejectedLengths] = [lengthsOf(chosenSide), lengthsOf(rejectedSide)];
    const pairInputs = packPairInputs(
      pairs,
      objective,
      {
        ref_w: batch.refChosenLogps,
        ref_l: batch.refRejectedLogps,
        ...lengthColumns(chosenLengths, rejectedLengths),
        ...Object.fromEntries(Object.entries(optionalColumns).map(([column, field]) => [column, batch[field]])),
      },
      (name) => new ObjectiveError(`The objective reads ${name}. Pass ${batchField(name)} with the batch.`),
    );
    const scratch = {
      objectiveParameters: uploadObjectiveParameters(backend, objective),
      pairInputs: backend.upload(pairInputs),
      weights: backend.upload(batch.weights ?? new Float32Array(pairs).fill(1)),
      slopes: backend.allocate('float', 2 * pairs),
    };
    const statistics = allocateStatistics(backend, objective, interleave(batch.refChosenLogps, batch.refRejectedLogps));
    if (objective.ldAlpha !== null)
      for (const [side, { hostMask }, own, other] of [
        [chosen, chosenSide, chosenLengths, rejectedLengths] as const,
        [rejected, rejectedSide, rejectedLengths, chosenLengths] as const,
      ])
        side.weighted = {
          tokenWeights: backend.upload(lengthDesensitised(side.task.positions, hostMask, own, other, objective.ldAlpha)),
          logps: backend.allocate('float', pairs),
        };
    computeLogps(backend, chosen);
    computeLogps(backend, rejected);
    const losses = backend.allocate('float', pairs, 'undefined');
    computeLosses(backend, chosen, rejected, { ...scratch, objective, losses, statistics });
    computeGradients(backend, chosen, rejected, scratch);
    for (const held of [scratch, statistics ?? {}, chosen.weighted ?? {}, rejected.weighted ?? {}])
      for (const storage of Object.values<Storage>(held)) storage.dispose();
    chosenSide.release();
    rejectedSide.release();
    return {
      losses: this.#wrap(losses, [pairs]),
      chosenLogps: this.#wrap(chosen.logps, [pairs]),
      rejectedLogps: this.#wrap(rejected.logps, [pairs]),
      chosenGrad: this.#wrap(chosen.gradient, batch.chosen.logits.shape),
      rejectedGrad: this.#wrap(rejected.gradient, batch.rejected.logits.shape),
    };
  }

  async train(experiment: Experiment, options: RunOptions = {}): Promise<Trajectory> {
    this.#assertOpen();
    return trainToEnd(this.#backend, experiment, options);
  }

  async startRun(experiment: Experiment): Promise<TrainingRun> {
    this.#assertOpen();
    return startRun(this.#backend, experiment);
  }

  async trainOnPolicy(experiment: OnPolicyExperiment, options: RunOptions = {}): Promise<OnPolicyTrajectory> {
    this.#assertOpen();
    const { trainOnPolicy } = await import('./on-policy/on-policy.ts');
    return trainOnPolicy(this.#backend, experiment, options);
  }

  async matchTarget(experiment: TargetExperiment, options: RunOptions = {}): Promise<{ steps: TargetStep[]; final: Parameters }> {
    this.#assertOpen();
    const { matchTarget } = await import('./match-target.ts');
    return matchTarget(this.#backend, experiment, options);
  }

  async flow(experiment: FlowExperiment, options: RunOptions = {}): Promise<FlowLines> {
    this.#assertOpen();
    const { flowLines } = await import('./flow.ts');
    return flowLines(this.#backend, experiment, options);
  }

  async diagnose(experiment: Experiment, parameters?: Parameters): Promise<PairDiagnosis[]> {
    this.#assertOpen();
    const { diagnosePairs } = await import('./diagnose.ts');
    return diagnosePairs(this.#backend, experiment, parameters);
  }

  async sweep(sweep: Sweep, options: SweepOptions = {}): Promise<SweepResult> {
    this.#assertOpen();
    const { runSweep } = await import('./sweep/sweep.ts');
    return runSweep(this.#backend, sweep, options);
  }

  async prepareSweep(sweep: Sweep): Promise<void> {
    this.#assertOpen();
    const { prepareSweep } = await import('./sweep/sweep.ts');
    return prepareSweep(this.#backend, sweep);
  }

  async trials(experiments: readonly TrialExperiment[], options: TrialsOptions = {}): Promise<Trial[]> {
    this.#assertOpen();
    const { runTrials } = await import('./trials/trials.ts');
    return runTrials(this.#backend, experiments, options);
  }

  async done(): Promise<void> {
    this.#assertOpen();
    await this.#backend.done();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#backend.dispose();
  }

  #assertOpen(): void {
    if (this.#disposed) throw new DisposedError('This engine was disposed. Open a new one with openEngine().');
  }

  /** The tensor, checked to be of this engine and alive. */
  #own(name: string, tensor: Tensor): EngineTensor {
    this.#assertOpen();
    if (!(tensor instanceof EngineTensor)) throw new ShapeError(`${name} must be a tensor made with engine.tensor(...).`);
    if (tensor.owner !== this) throw new DisposedError(`${name} belongs to another engine. Upload the data to this one.`);
    return tensor;
  }

  #wrap(storage: Storage, shape: readonly number[], hostIndices: Uint32Array | null = null): EngineTensor {
    return new EngineTensor(this, storage, shape, hostIndices, (held) => {
      this.#assertOpen();
      return this.#backend.read(held);
    });
  }

  /** Storages for the log-probs of one validated side; `release` frees what the caller does not get. */
  #side(batch: SequenceBatch, name: string) {
    const backend = this.#backend;
    const { sequences, positions, columns, logits, tokens, mask, hostMask } = validateSequences(this, batch, name);
    const rows = sequences * positions;
    const ones = mask ? null : backend.upload(new Uint32Array(rows).fill(1));
    const stats = backend.allocate('float', 2 * rows, 'undefined');
    return {
      task: { sequences, positions, columns, logits, tokens, mask: mask ?? ones ?? tokens, stats },
      logps: backend.allocate('float', sequences, 'undefined'),
      hostMask,
      release: () => {
        stats.dispose();
        ones?.dispose();
      },
    };
  }
}
