import type { Backend } from '../../backend/backend.ts';
import type { MetricRow } from '../../backend/ensemble-layout.ts';
import type { Sweep, SweepOptions, SweepResult } from '../../core/experiment.ts';
import { nextTask } from '../next-task.ts';
import { packsOf, preparePacks, trainPack } from '../trials/pack.ts';
import { measureAlone } from './measure-alone.ts';
import { Pace } from './pace.ts';
import { SweepPlan } from './sweep-plan.ts';
import { SweepTally } from './sweep-tally.ts';

type Metrics = Record<MetricRow, ArrayLike<number>>;

/**
 * Trains every run of a sweep: trials over a grid, of which only the map is kept. What can share an ensemble does; the rest is trained one
 * by one. Rejects with an ExperimentError, ObjectiveError or DeviceLimitError before any work for a sweep that cannot be done, and with
 * the signal's reason once it is aborted.
 */
export async function runSweep(backend: Backend, sweep: Sweep, options: SweepOptions = {}): Promise<SweepResult> {
  options.signal?.throwIfAborted();
  const plan = await SweepPlan.of(sweep);
  const tally = new SweepTally(plan, plan.vocabulary, sweep);
  const job = new SweepJob(backend, plan, tally, options);
  try {
    await job.run();
  } catch (error) {
    options.onPartial?.(tally.result());
    throw error;
  }
  return tally.result();
}

/** Compiles what a sweep needs, beside other work. Rejects as `runSweep` does before any. */
export async function prepareSweep(backend: Backend, sweep: Sweep): Promise<void> {
  if (backend.kind === 'cpu') return;
  const plan = await SweepPlan.of(sweep);
  await preparePacks(
    backend,
    packsOf(plan.own, (index) => plan.packable(plan.at(index))),
  );
}

class SweepJob {
  readonly #backend: Backend;
  readonly #plan: SweepPlan;
  readonly #tally: SweepTally;
  readonly #options: SweepOptions;
  readonly #pace: Pace;
  readonly #left: readonly number[];
  readonly #total: number;
  #finished: number;

  constructor(backend: Backend, plan: SweepPlan, tally: SweepTally, options: SweepOptions) {
    this.#backend = backend;
    this.#pace = new Pace(backend.kind);
    this.#plan = plan;
    this.#tally = tally;
    this.#options = options;
    this.#left = plan.own.filter((index) => !tally.has(index));
    this.#finished = tally.runs;
    this.#total = tally.runs + this.#left.length;
  }

  async run(): Promise<void> {
    const plan = this.#plan;
    const packs = packsOf(this.#left, (index) => plan.packable(plan.at(index)));
    for (const pack of packs)
      await trainPack(this.#backend, pack, this.#pace, {
        breathe: (done) => this.#breathe(done),
        take: async (indices, ensemble) => this.#settle(indices, await ensemble.measure()),
      });
    const packed = new Set(packs.flatMap(({ indices }) => indices));
    for (const index of this.#left) if (!packed.has(index)) await this.#trainAlone(index);
  }

  /** A run that needs more than an ensemble has, trained as `train` does. */
  async #trainAlone(index: number): Promise<void> {
    const at = this.#plan.at(index);
    const prepared = await this.#plan.prepare(at);
    const metrics = await measureAlone(this.#backend, prepared, this.#plan.rewards(at), this.#pace, (share) => this.#breathe(share));
    this.#settle([index], metrics);
  }

  #settle(runs: readonly number[], metrics: Metrics): void {
    for (const [place, index] of runs.entries()) this.#tally.add(index, metrics, place);
    this.#finished += runs.length;
    this.#options.onProgress?.(this.#finished, this.#total);
    this.#options.onPartial?.(this.#tally.result());
  }

  /** Progress, and the chance to cancel, between two slices; `done` counts runs of the present ensemble. */
  async #breathe(done: number): Promise<void> {
    this.#options.onProgress?.(this.#finished + Math.floor(done), this.#total);
    await nextTask();
    this.#options.signal?.throwIfAborted();
  }
}
