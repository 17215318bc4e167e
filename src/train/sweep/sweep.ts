import type { Backend, FurtherKernels, Storage } from '../../backend/backend.ts';
import type { MetricRow } from '../../backend/ensemble-layout.ts';
import type { Pair, RecordedStep, Sweep, SweepOptions, SweepResult } from '../../core/experiment.ts';
import { findOptimizer, type Optimizer } from '../../core/optimizer.ts';
import { definePolicy } from '../../policies/kinds.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { nextTask } from '../next-task.ts';
import { ToyRun } from '../toy-run.ts';
import { resolveData } from '../validate/resolve-data.ts';
import { canPack, Ensemble, EnsembleProgram, type EnsembleRun, ensembleCapacity, flatParameters } from './ensemble.ts';
import { Pace, trainInSlices } from './pace.ts';
import { type RunSpecification, SweepPlan } from './sweep-plan.ts';
import { SweepTally } from './sweep-tally.ts';

/** Mean over pairs of how log-probs have changed. */
const meanChange = (now: readonly number[], start: readonly number[]): number =>
  now.reduce((sum, logp, pair) => sum + (logp - (start[pair] ?? Number.NaN)), 0) / now.length;

type TrueRewards = readonly (readonly number[])[] | undefined;
type Metrics = Record<MetricRow, ArrayLike<number>>;

/** Runs that one program can train together: they share policy shape, objective and number of pairs. */
interface Group {
  runs: number[];
  tables: (readonly Pair[])[];
  tableOf: Map<readonly Pair[], number>;
  sample: RunSpecification;
  rewards: TrueRewards;
}

/** Groups of those runs that are `wanted`, in the order of their first member. */
function groupRuns(plan: SweepPlan, wanted: (index: number) => boolean): Group[] {
  const groups = new Map<string, Group>();
  for (let index = 0; index < plan.runs; index++) {
    if (!wanted(index)) continue;
    const run = plan.specification(plan.at(index));
    const key = `${plan.structureOf(plan.at(index))}\n${run.definition.fused?.key}\n${run.pairs.length}\n${run.objectiveWgsl}`;
    let group = groups.get(key);
    if (!group) {
      group = { runs: [], tables: [], tableOf: new Map(), sample: run, rewards: plan.rewards(plan.at(index)) };
      groups.set(key, group);
    }
    group.runs.push(index);
    if (!group.tableOf.has(run.pairs)) group.tableOf.set(run.pairs, group.tables.push(run.pairs) - 1);
  }
  return [...groups.values()];
}

/**
 * Trains every run of a sweep. Rejects with an ExperimentError, ObjectiveError or DeviceLimitError before any work for a sweep that
 * cannot be done, and with the signal's reason once it is aborted.
 */
export async function runSweep(backend: Backend, sweep: Sweep, options: SweepOptions = {}): Promise<SweepResult> {
  options.signal?.throwIfAborted();
  const plan = new SweepPlan(sweep);
  const optimizer = findOptimizer(sweep.experiment.optimizer.kind) as Optimizer;
  const { definition } = plan.specification(plan.at(0));
  const tally = new SweepTally(plan, definition.columns, sweep);
  const job = new SweepJob(backend, await backend.further(), plan, optimizer, tally, options);
  try {
    const isPacked = plan.isFullBatch && definition.fused !== null && canPack(plan.specification(plan.at(0)).objective(), optimizer);
    const isLeft = (index: number) => !tally.has(index);
    if (isPacked) for (const group of groupRuns(plan, isLeft)) await job.trainGroup(group);
    else await job.trainOneByOne(isLeft);
  } catch (error) {
    options.onPartial?.(tally.result());
    throw error;
  }
  return tally.result();
}

class SweepJob {
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #plan: SweepPlan;
  readonly #optimizer: Optimizer;
  readonly #tally: SweepTally;
  readonly #options: SweepOptions;
  readonly #pace = new Pace();
  #finished: number;

  constructor(backend: Backend, kernels: FurtherKernels, plan: SweepPlan, optimizer: Optimizer, tally: SweepTally, options: SweepOptions) {
    this.#backend = backend;
    this.#kernels = kernels;
    this.#plan = plan;
    this.#optimizer = optimizer;
    this.#tally = tally;
    this.#options = options;
    this.#finished = tally.runs;
  }

  /** Trains a group in ensembles that are as large as the time of a chunk and the adapter's limits allow. */
  async trainGroup({ runs, tables, tableOf, sample, rewards }: Group): Promise<void> {
    const program = new EnsembleProgram(sample.definition, tables, sample.objective(), this.#optimizer, rewards);
    const capacity = ensembleCapacity(program, this.#backend);
    for (let at = 0; at < runs.length; ) {
      const most = this.#pace.chunk(runs.length - at, capacity, sample.steps);
      const chunk = runs.slice(at, at + most);
      const members = chunk.map((index): EnsembleRun => {
        const { definition, pairs, settings, steps, objectiveParameters } = this.#plan.specification(this.#plan.at(index));
        return { table: tableOf.get(pairs) ?? 0, initial: flatParameters(definition), settings, steps, objectiveParameters };
      });
      const ensemble = new Ensemble(this.#backend, this.#kernels, program, members);
      try {
        await this.#trainEnsemble(ensemble);
        this.#settle(chunk, await ensemble.measure());
      } finally {
        ensemble.dispose();
      }
      at += chunk.length;
    }
  }

  /** Runs that differ in more than numbers, each trained as `train` does. */
  async trainOneByOne(isLeft: (index: number) => boolean): Promise<void> {
    for (let index = 0; index < this.#plan.runs; index++) {
      if (!isLeft(index)) continue;
      const at = this.#plan.at(index);
      const experiment = resolveData(this.#plan.experiment(at));
      const { steps } = experiment.optimizer;
      const run = await ToyRun.open(this.#backend, experiment);
      let ensemble: Ensemble | null = null;
      try {
        const [start] = await run.advance(0, [0]);
        let end = start;
        let lowest = 0;
        while (run.step < steps) {
          const updates = this.#pace.updates(1, steps - run.step);
          const began = performance.now();
          const next = run.step + 1;
          const states = await run.advance(
            updates,
            Array.from({ length: updates }, (_, update) => next + update),
          );
          end = states.at(-1);
          if (start) for (const state of states) lowest = Math.min(lowest, meanChange(state.chosenLogps, start.chosenLogps));
          this.#pace.observe(1, updates, performance.now() - began);
          await this.#breathe(run.step / steps);
        }
        const { definition, pairs, ...specification } = this.#plan.specification(at);
        const rewards = this.#plan.rewards(at);
        const [initial, parameters] = definition.fused ? [definition, run.tensors] : this.#standIn(start, end);
        const program = new EnsembleProgram(initial, [pairs], specification.objective(), this.#optimizer, rewards);
        ensembleCapacity(program, this.#backend);
        const member = { ...specification, table: 0, initial: flatParameters(initial) };
        ensemble = new Ensemble(this.#backend, this.#kernels, program, [member]);
        ensemble.train(0);
        ensemble.replaceParameters(parameters);
        if (!definition.fused) for (const storage of parameters) storage.dispose();
        const measured = await ensemble.measure();
        const { lowestChosenLogpChange: lowestOf } = measured;
        lowestOf[0] = Math.min(lowest, lowestOf[0] ?? Number.NaN);
        this.#settle([index], measured);
      } finally {
        ensemble?.dispose();
        run.dispose();
      }
    }
  }

  /** A policy without a fused form is measured by its distributions: as a table of their log-probs, at the start and at the end. */
  #standIn(start: RecordedStep | undefined, end: RecordedStep | undefined): [PolicyDefinition, readonly Storage[]] {
    const { columns } = this.#plan.specification(this.#plan.at(0)).definition;
    const [before, after] = [start?.outcomeLogps ?? [], end?.outcomeLogps ?? []];
    const logits = Array.from({ length: before.length / columns }, (_, prompt) => before.slice(prompt * columns, (prompt + 1) * columns));
    return [definePolicy({ kind: 'tabular', logits }), [this.#backend.upload(Float64Array.from(after))]];
  }

  async #trainEnsemble(ensemble: Ensemble): Promise<void> {
    await trainInSlices(ensemble, this.#backend, this.#pace, () =>
      this.#breathe((ensemble.runs * ensemble.step) / Math.max(1, ensemble.steps)),
    );
  }

  #settle(runs: readonly number[], metrics: Metrics): void {
    for (const [place, index] of runs.entries()) this.#tally.add(index, metrics, place);
    this.#finished += runs.length;
    this.#options.onProgress?.(this.#finished, this.#plan.runs);
    this.#options.onPartial?.(this.#tally.result());
  }

  /** Progress, and the chance to cancel, between two slices; `done` counts runs of the present ensemble. */
  async #breathe(done: number): Promise<void> {
    this.#options.onProgress?.(this.#finished + Math.floor(done), this.#plan.runs);
    await nextTask();
    this.#options.signal?.throwIfAborted();
  }
}
