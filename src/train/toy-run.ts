import type { Backend, Storage } from '../backend/backend.ts';
import { DisposedError } from '../core/errors.ts';
import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import { findOptimizer, type UpdateSettings, updateSettings } from '../core/optimizer.ts';
import { resolveObjective } from '../objectives/resolve.ts';
import { definePolicy, type PolicyDefinition } from '../policies/policy.ts';
import { type Batch, type Side, uploadBatch } from './batch.ts';
import { allocateStatistics, commitStatistics } from './batch-statistics.ts';
import { experimentColumns, responseLengths } from './experiment-columns.ts';
import {
  computeGradients,
  computeLogps,
  computeLosses,
  type LossStorages,
  lossLogps,
  type SideStorages,
  uploadObjectiveParameters,
} from './forward-pass.ts';
import { miniBatchWeights } from './mini-batches.ts';
import { interleave, lengthDesensitised, packPairInputs } from './pair-inputs.ts';
import { PolicyOnBackend } from './policy-on-backend.ts';
import { resolveData } from './resolve-data.ts';
import type { TrainingRun } from './run.ts';
import { validateExperiment } from './validate-experiment.ts';

/** A training run of one toy policy on one backend. */
export class ToyRun implements TrainingRun {
  readonly experiment: Experiment;
  readonly #backend: Backend;
  readonly #definition: PolicyDefinition;
  readonly #policy: PolicyOnBackend;
  readonly #batch: Batch;
  readonly #chosen: SideStorages;
  readonly #rejected: SideStorages;
  readonly #loss: LossStorages;
  readonly #outcomes: { contexts: Storage; logits: Storage; logProbs: Storage } | null;
  readonly #settings: UpdateSettings;
  /** slopes of 1, where the optimiser normalises pairs; else null */
  readonly #unitSlopes: Storage | null;
  readonly #owned: Storage[] = [];
  #step = 0;
  #disposed = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** Throws on a bad experiment. `parameters` replaces the policy's own; the reference stays the experiment's policy. */
  constructor(backend: Backend, described: Experiment, parameters?: Parameters) {
    const experiment = resolveData(described);
    validateExperiment(experiment);
    const objective = resolveObjective(experiment.objective);
    this.experiment = experiment;
    this.#backend = backend;
    this.#definition = definePolicy(experiment.policy, experiment.seed);
    const { columns, contexts, response } = this.#definition;
    const pairs = experiment.pairs.length;

    this.#batch = uploadBatch(backend, this.#definition, experiment.pairs);
    this.#chosen = this.#allocateSide(this.#batch.chosen);
    this.#rejected = this.#allocateSide(this.#batch.rejected);
    if (objective.ldAlpha !== null) this.#weightTokens(objective.ldAlpha);
    this.#loss = {
      objective,
      objectiveParameters: this.#own(uploadObjectiveParameters(backend, objective)),
      pairInputs: this.#own(backend.allocate('float', Math.max(1, pairs * objective.inputs.length))),
      weights: this.#own(backend.upload(Float64Array.from(experiment.pairs, ({ weight }) => weight ?? 1))),
      losses: this.#own(backend.allocate('float', pairs)),
      slopes: this.#own(backend.allocate('float', 2 * pairs)),
      statistics: allocateStatistics(backend, objective, new Float64Array(2 * pairs)),
    };
    for (const storage of Object.values(this.#loss.statistics ?? {})) this.#own(storage);
    this.#outcomes =
      response === 'outcome'
        ? {
            contexts: this.#own(backend.upload(Uint32Array.from({ length: contexts }, (_, context) => context))),
            logits: this.#own(backend.allocate('float', contexts * columns)),
            logProbs: this.#own(backend.allocate('float', contexts * columns)),
          }
        : null;
    const optimizer = findOptimizer(experiment.optimizer.kind) ?? null;
    this.#settings = updateSettings(experiment.optimizer);
    this.#unitSlopes = optimizer?.normalisesPairs ? this.#own(backend.upload(new Float64Array(2 * pairs).fill(1))) : null;
    this.#policy = new PolicyOnBackend(backend, this.#definition, optimizer, parameters);
  }

  get step(): number {
    return this.#step;
  }

  /** Computes the reference log-probs; must be awaited before the first `advance`. */
  async prepare(): Promise<this> {
    const reference = new PolicyOnBackend(this.#backend, this.#definition, null);
    this.#forward(reference);
    const [chosen, rejected] = await Promise.all([
      this.#backend.read(lossLogps(this.#chosen)),
      this.#backend.read(lossLogps(this.#rejected)),
    ]);
    reference.dispose();
    const { objective, statistics, pairInputs } = this.#loss;
    const { columns, missing } = experimentColumns(this.experiment, chosen, rejected);
    this.#fill(pairInputs, packPairInputs(chosen.length, objective, columns, missing));
    if (statistics) this.#fill(statistics.references, interleave(chosen, rejected));
    return this;
  }

  advance(updates: number, record: readonly number[] = [this.#step + updates]): Promise<RecordedStep[]> {
    return this.#inOrder(() => this.#advance(updates, record));
  }

  parameters(): Promise<Parameters> {
    return this.#inOrder(() => this.#policy.parameters());
  }

  /** The parameter tensors on the backend, in the policy's order. They belong to the run. */
  get tensors(): readonly Storage[] {
    return this.#policy.storages;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#policy.dispose();
    this.#batch.dispose();
    for (const storage of this.#owned) storage.dispose();
  }

  /** d(mean loss)/d(trained parameters) at the present parameters. */
  lossGradient(): Promise<Float64Array> {
    return this.#inOrder(() => {
      this.#forward(this.#policy);
      computeLosses(this.#backend, this.#chosen, this.#rejected, this.#loss);
      this.#backward();
      return this.#policy.gradient();
    });
  }

  /** d log π(y_w)/dθ and d log π(y_l)/dθ of one pair at the present parameters. */
  logpGradients(pair: number): Promise<{ chosen: Float64Array; rejected: Float64Array }> {
    return this.#inOrder(async () => {
      this.#forward(this.#policy);
      const pairs = this.experiment.pairs.length;
      const gradientOf = async (at: number) => {
        // With a slope of 1 at one log-prob and 0 elsewhere, the loss gradient is that log-prob's own gradient.
        const slopes = new Float64Array(2 * pairs);
        slopes[at] = 1;
        const uploaded = this.#backend.upload(slopes);
        this.#backend.copy(uploaded, this.#loss.slopes, 0);
        uploaded.dispose();
        this.#backward();
        return this.#policy.gradient();
      };
      const chosen = await gradientOf(pair);
      return { chosen, rejected: await gradientOf(pairs + pair) };
    });
  }

  /** Carries calls out one after the other, and none after `dispose`. */
  #inOrder<T>(task: () => T | Promise<T>): Promise<T> {
    const next = this.#queue.then(() => {
      if (this.#disposed) throw new DisposedError('This run was disposed. Start a new one.');
      return task();
    });
    this.#queue = next.catch(() => {});
    return next;
  }

  async #advance(updates: number, record: readonly number[]): Promise<RecordedStep[]> {
    const last = this.#step + updates;
    const wanted = [...new Set(record)].filter((step) => step >= this.#step && step <= last).sort((a, b) => a - b);
    const pairs = this.experiment.pairs.length;
    const width = 3 * pairs + (this.#outcomes?.logProbs.length ?? 0);
    const records = wanted.length > 0 ? this.#backend.allocate('float', wanted.length * width) : null;
    const first = this.#step;
    try {
      for (let recorded = 0, step = first; step <= last; step++) {
        const isWanted = wanted[recorded] === step;
        if (step === last && !isWanted) break;
        this.#chooseMiniBatch(step);
        this.#forward(this.#policy);
        computeLosses(this.#backend, this.#chosen, this.#rejected, this.#loss);
        if (isWanted && records) this.#record(records, recorded++ * width);
        if (step === last) break;
        if (this.#unitSlopes) this.#normaliseSlopes(this.#unitSlopes);
        this.#backward();
        commitStatistics(this.#backend, this.#loss.statistics);
        this.#policy.update(this.#settings);
      }
      this.#step = last;
      if (!records) {
        await this.#backend.done();
        return [];
      }
      const values = await this.#backend.read(records);
      return wanted.map((step, index) => this.#decode(step, values.subarray(index * width, (index + 1) * width)));
    } finally {
      records?.dispose();
    }
  }

  #record(records: Storage, at: number): void {
    const pairs = this.experiment.pairs.length;
    this.#backend.copy(this.#loss.losses, records, at);
    this.#backend.copy(this.#chosen.logps, records, at + pairs);
    this.#backend.copy(this.#rejected.logps, records, at + 2 * pairs);
    if (!this.#outcomes) return;
    const { contexts, logits, logProbs } = this.#outcomes;
    this.#policy.logits(contexts.length, contexts, logits);
    this.#backend.logSoftmax({ rows: contexts.length, columns: this.#definition.columns, logits, logProbs });
    this.#backend.copy(logProbs, records, at + 3 * pairs);
  }

  #decode(step: number, values: Float32Array | Float64Array): RecordedStep {
    const pairs = this.experiment.pairs.length;
    const losses = [...values.subarray(0, pairs)];
    const weighted = losses.reduce((sum, loss, index) => sum + loss * (this.experiment.pairs[index]?.weight ?? 1), 0);
    const state: RecordedStep = {
      step,
      loss: weighted / pairs,
      losses,
      chosenLogps: [...values.subarray(pairs, 2 * pairs)],
      rejectedLogps: [...values.subarray(2 * pairs, 3 * pairs)],
    };
    if (!this.#outcomes) return state;
    const outcomeLogps = [...values.subarray(3 * pairs)];
    return { ...state, outcomeLogps, probs: outcomeLogps.map(Math.exp) };
  }

  #forward(policy: PolicyOnBackend): void {
    const { chosen, rejected, offsetTable: table } = this.#batch;
    for (const [side, { contexts, offsetRows }] of [[this.#chosen, chosen] as const, [this.#rejected, rejected] as const]) {
      const offsets = table && offsetRows ? { table, rows: offsetRows } : undefined;
      policy.logits(side.task.sequences * side.task.positions, contexts, side.task.logits, offsets);
      computeLogps(this.#backend, side);
    }
  }

  /** Pairs outside this update's mini-batch get the weight 0, the others one that makes the mean theirs. */
  #chooseMiniBatch(step: number): void {
    const weights = miniBatchWeights(this.experiment, step);
    if (!weights) return;
    const uploaded = this.#backend.upload(weights);
    this.#backend.copy(uploaded, this.#loss.weights, 0);
    uploaded.dispose();
  }

  /** Replaces the objective's slopes by those of the normalised pair update. */
  #normaliseSlopes(slopes: Storage): void {
    computeGradients(this.#backend, this.#chosen, this.#rejected, { slopes });
    const { weights } = this.#loss;
    for (const [side, storages, name] of [
      [this.#batch.chosen, this.#chosen, 'chosen'] as const,
      [this.#batch.rejected, this.#rejected, 'rejected'] as const,
    ])
      this.#policy.normalisedSlopes(side, name, { residuals: storages.gradient, weights, slopes: this.#loss.slopes });
  }

  #backward(): void {
    computeGradients(this.#backend, this.#chosen, this.#rejected, this.#loss);
    this.#policy.backward(this.#batch, this.#chosen.gradient, this.#rejected.gradient);
  }

  /** Copies host data to a storage of the same length. */
  #fill(target: Storage, data: Float64Array): void {
    const uploaded = this.#backend.upload(data);
    this.#backend.copy(uploaded, target, 0);
    uploaded.dispose();
  }

  /** Gives both sides LD-DPO's weights, and sums of their own for the loss. */
  #weightTokens(ldAlpha: number): void {
    const { pairs } = this.experiment;
    const [chosen, rejected] = [responseLengths(pairs, 'chosen'), responseLengths(pairs, 'rejected')];
    for (const [side, own, other] of [[this.#chosen, chosen, rejected] as const, [this.#rejected, rejected, chosen] as const])
      side.weighted = {
        tokenWeights: this.#own(this.#backend.upload(lengthDesensitised(side.task.positions, null, own, other, ldAlpha))),
        logps: this.#own(this.#backend.allocate('float', pairs.length)),
      };
  }

  #own(storage: Storage): Storage {
    this.#owned.push(storage);
    return storage;
  }

  #allocateSide({ sequences, positions, tokens, mask }: Side): SideStorages {
    const { columns } = this.#definition;
    const rows = sequences * positions;
    const allocate = (length: number) => this.#own(this.#backend.allocate('float', length));
    return {
      task: { sequences, positions, columns, tokens, mask, logits: allocate(rows * columns), stats: allocate(2 * rows) },
      logps: allocate(sequences),
      gradient: allocate(rows * columns),
    };
  }
}
