import type { Backend, Storage } from '../backend/backend.ts';
import { DisposedError } from '../core/errors.ts';
import type { Experiment, Parameters, RecordedStep } from '../core/experiment.ts';
import { findOptimizer, type Optimizer, type UpdateSettings, updateSettings } from '../core/optimizer.ts';
import type { OpenPasses, PolicyDefinition } from '../policies/policy.ts';
import { itemsOf, miniBatchWeights } from './mini-batches.ts';
import { OutcomeDistributions } from './outcome-distributions.ts';
import type { LossPass } from './passes/loss-pass.ts';
import { PairPass } from './passes/pair-pass.ts';
import { type OptimizerMemory, PolicyOnBackend } from './passes/policy-on-backend.ts';
import { type Prepared, prepare } from './prepared.ts';
import type { TrainingRun } from './run.ts';

/** Where a run begins, if not at the experiment's own policy. */
export interface RunStart {
  parameters?: Parameters | undefined;
  /** default the experiment's own policy */
  reference?: Parameters | undefined;
  /** what groups were sampled from; default the reference */
  previous?: Parameters | undefined;
  /** goes on with the optimiser and the mini-batches of a run of as many updates */
  kept?: { readonly memory: OptimizerMemory; readonly updates: number } | undefined;
}

async function passOf(backend: Backend, { experiment, definition, loss }: Prepared, optimizer: Optimizer): Promise<LossPass> {
  if (loss.over === 'pairs') {
    const normalising = optimizer.normalisesPairs ? await backend.further() : null;
    return new PairPass(backend, definition, experiment.pairs, loss.objective, normalising);
  }
  const [kernels, { GroupPass }] = await Promise.all([backend.further(), import('./group/group-run.ts')]);
  return new GroupPass(backend, kernels, definition, [experiment.groups ?? []], loss.objective);
}

/** A training run of one toy policy on one backend. */
export class ToyRun implements TrainingRun {
  readonly experiment: Experiment;
  readonly #backend: Backend;
  readonly #definition: PolicyDefinition;
  readonly #passes: OpenPasses;
  readonly #reference: Parameters | undefined;
  readonly #previous: Parameters | undefined;
  readonly #policy: PolicyOnBackend;
  readonly #pass: LossPass;
  readonly #outcomes: OutcomeDistributions | null;
  readonly #settings: UpdateSettings;
  /** updates before the first of this run that mini-batches are counted from */
  readonly #updatesBefore: number;
  #step = 0;
  #disposed = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** A run that can be advanced. Rejects on a bad experiment. */
  static async open(backend: Backend, described: Experiment | Prepared, start: RunStart = {}): Promise<ToyRun> {
    const prepared = 'loss' in described ? described : await prepare(described);
    const optimizer = findOptimizer(prepared.experiment.optimizer.kind) as Optimizer;
    const passes = await prepared.definition.passes(backend);
    return new ToyRun(backend, prepared, passes, optimizer, await passOf(backend, prepared, optimizer), start).#prepare();
  }

  private constructor(
    backend: Backend,
    { experiment, definition }: Prepared,
    passes: OpenPasses,
    optimizer: Optimizer,
    pass: LossPass,
    { parameters, reference, previous, kept }: RunStart,
  ) {
    this.experiment = experiment;
    this.#backend = backend;
    this.#definition = definition;
    this.#passes = passes;
    this.#reference = reference;
    this.#previous = previous;
    this.#settings = updateSettings(experiment.optimizer);
    this.#pass = pass;
    this.#outcomes = this.#definition.response === 'outcome' ? new OutcomeDistributions(backend, this.#definition) : null;
    this.#policy = new PolicyOnBackend(backend, definition, passes, optimizer, parameters, kept?.memory);
    this.#updatesBefore = kept?.updates ?? 0;
  }

  get step(): number {
    return this.#step;
  }

  /** Compiles what updates need; computes the log-probs under the reference, and under the previous iterate. */
  async #prepare(): Promise<this> {
    await this.#backend.rehearse(() => this.#rehearse());
    await this.compareWith(this.#reference, this.#previous);
    return this;
  }

  /** Computes the log-probs under another reference, by default the policy at the start, and another previous iterate, by default the reference. */
  async compareWith(given?: Parameters, before?: Parameters): Promise<void> {
    const frozen = (parameters: Parameters | undefined) =>
      new PolicyOnBackend(this.#backend, this.#definition, this.#passes, null, parameters);
    const reference = frozen(given);
    const previous = before ? frozen(before) : null;
    await this.#pass.prepare(reference, previous ?? reference);
    reference.dispose();
    previous?.dispose();
  }

  /** What an update and a record call, on a policy that is thrown away. */
  #rehearse(): void {
    const optimizer = findOptimizer(this.experiment.optimizer.kind) as Optimizer;
    const policy = new PolicyOnBackend(this.#backend, this.#definition, this.#passes, optimizer);
    this.#pass.forward(policy);
    this.#pass.computeLosses();
    this.#pass.update(policy, this.#settings);
    this.#outcomes?.compute(policy);
    policy.dispose();
  }

  advance(updates: number, record: readonly number[] = [this.#step + updates]): Promise<RecordedStep[]> {
    return this.#inOrder(() => this.#advance(updates, record));
  }

  parameters(): Promise<Parameters> {
    return this.#inOrder(() => this.#policy.parameters());
  }

  /** Puts other parameters in place of the present ones; the reference stays, and so does what the optimiser remembers. */
  replace(parameters: Parameters): Promise<void> {
    return this.#inOrder(() => {
      const other = new PolicyOnBackend(this.#backend, this.#definition, this.#passes, null, parameters);
      this.#policy.copyFrom(other);
      other.dispose();
    });
  }

  /** What the optimiser remembers. */
  memory(): Promise<OptimizerMemory> {
    return this.#inOrder(() => this.#policy.memory());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#policy.dispose();
    this.#pass.dispose();
    this.#outcomes?.dispose();
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
    const width = this.#width;
    const records = wanted.length > 0 ? this.#backend.allocate('float', wanted.length * width) : null;
    const first = this.#step;
    try {
      for (let recorded = 0, step = first; step <= last; step++) {
        const isWanted = wanted[recorded] === step;
        if (step === last && !isWanted) break;
        this.#chooseMiniBatch(step);
        this.#pass.forward(this.#policy);
        this.#pass.computeLosses();
        if (isWanted && records) this.#record(records, recorded++ * width);
        if (step === last) break;
        this.#pass.update(this.#policy, this.#settings);
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

  /** Elements of one record. */
  get #width(): number {
    return this.#pass.recorded.reduce((width, { length }) => width + length, this.#outcomes?.logProbs.length ?? 0);
  }

  #record(records: Storage, at: number): void {
    let next = at;
    for (const storage of this.#pass.recorded) {
      this.#backend.copy(storage, records, next);
      next += storage.length;
    }
    if (!this.#outcomes) return;
    this.#outcomes.compute(this.#policy);
    this.#backend.copy(this.#outcomes.logProbs, records, next);
  }

  #decode(step: number, values: Float32Array | Float64Array): RecordedStep {
    const items = itemsOf(this.experiment);
    const parts = this.#pass.decode(values);
    const weighted = parts.losses.reduce((sum, loss, index) => sum + loss * (items[index]?.weight ?? 1), 0);
    const state: RecordedStep = { step, loss: weighted / items.length, ...parts };
    if (!this.#outcomes) return state;
    const outcomeLogps = [...values.subarray(values.length - this.#outcomes.logProbs.length)];
    return { ...state, outcomeLogps, probs: outcomeLogps.map(Math.exp) };
  }

  /** Pairs or groups outside this update's mini-batch get the weight 0, the others one that makes the mean theirs. */
  #chooseMiniBatch(step: number): void {
    const weights = miniBatchWeights(this.experiment, this.#updatesBefore + step);
    if (weights) this.#pass.setWeights(weights);
  }
}
