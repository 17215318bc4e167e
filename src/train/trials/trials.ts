import type { Backend } from '../../backend/backend.ts';
import { createBackend } from '../../backend/create.ts';
import { assertInteger } from '../../core/assertions.ts';
import { UnsupportedError } from '../../core/errors.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import type { OnPolicyRound, OnPolicyTrajectory } from '../../core/on-policy.ts';
import type { Trial, TrialExperiment, TrialsOptions } from '../../core/trial.ts';
import { nextTask } from '../next-task.ts';
import type { Prepared } from '../prepared.ts';
import { type PreparedRun, startPrepared } from '../start-run.ts';
import type { SideBySide } from '../sweep/ensemble.ts';
import { Pace } from '../sweep/pace.ts';
import { trainRun } from '../train-run.ts';
import { endsOf, type TrialEnds, trialOf } from './ends.ts';
import { type Entry, entriesOf } from './entries.ts';
import { jobsOf } from './jobs.ts';
import { isMeasure, type Measure, measureNames } from './measures.ts';
import { type Packable, packsOf, trainPack } from './pack.ts';
import { packablesOf } from './packables.ts';
import { trainRegressions } from './regressions.ts';

function wantedMeasures(names: readonly string[]): Measure[] {
  const unknown = names.find((name) => !isMeasure(name));
  if (unknown !== undefined) throw new UnsupportedError(`There is no measure '${unknown}'. There are ${measureNames.join(', ')}.`);
  return names.filter(isMeasure);
}

/**
 * Trains any experiments, many side by side where they can be, on WebGPU those on samples in lockstep, and the others one by one; results
 * in their order, with the numbers of `engine.train` and `engine.trainOnPolicy` (on the CPU engine to the bit; on WebGPU up to rounding).
 * Rejects before any work where an experiment is at fault, in any of its stages, and says which; with a DeviceLimitError where one does not
 * fit, and with the signal's reason once it is aborted.
 */
export async function runTrials(backend: Backend, experiments: readonly TrialExperiment[], options: TrialsOptions = {}): Promise<Trial[]> {
  options.signal?.throwIfAborted();
  const { backend: twin } = await createBackend('cpu');
  try {
    return await new TrialsJob(backend, twin, experiments, options).run();
  } finally {
    twin.dispose();
  }
}

/** Runs, or lists of runs in lockstep, that a GPU has under way at once. */
const runsAtOnce = 4;

class TrialsJob {
  readonly #backend: Backend;
  /** reads states off parameters that an ensemble has trained */
  readonly #twin: Backend;
  readonly #experiments: readonly TrialExperiment[];
  readonly #options: TrialsOptions;
  readonly #measures: readonly Measure[];
  readonly #record: readonly number[];
  readonly #finished: Map<number, Trial>;

  constructor(backend: Backend, twin: Backend, experiments: readonly TrialExperiment[], options: TrialsOptions) {
    const { measures = [], record = [], resume = [] } = options;
    for (const [index, step] of record.entries()) assertInteger(`record[${index}]`, step, 0, Number.MAX_SAFE_INTEGER);
    this.#backend = backend;
    this.#twin = twin;
    this.#experiments = experiments;
    this.#options = options;
    this.#measures = wantedMeasures(measures);
    this.#record = record;
    this.#finished = new Map(resume);
  }

  async run(): Promise<Trial[]> {
    // On WebGPU rounding tells a run in an ensemble from one alone: who shares one must not depend on what had finished before.
    const known = this.#backend.kind === 'cpu' ? this.#finished : new Map<number, Trial>();
    const entries = await entriesOf(this.#experiments, known, () => this.#breathe());
    try {
      await this.#trainPacks(entries);
      await this.#trainOthers(entries);
    } catch (error) {
      this.#options.onPartial?.(this.#finished, []);
      throw error;
    }
    return entries.map((_, index) => this.#finished.get(index) as Trial);
  }

  async #trainPacks(entries: readonly (Entry | null)[]): Promise<void> {
    if (this.#record.length > 0) return; // runs side by side keep ends, and no states on the way
    const packables = packablesOf(entries);
    const pace = new Pace(this.#backend.kind);
    for (const pack of packsOf(packables.keys(), (index) => packables[index] ?? null)) {
      const left = [...pack.indices.keys()].filter((place) => !this.#finished.has(pack.indices[place] as number));
      if (pack.indices.length === 1 || left.length === 0) continue;
      const indices = left.map((place) => pack.indices[place] as number);
      const runs = left.map((place) => pack.packables[place] as Packable);
      const train = runs[0]?.definition.fused ? trainPack : trainRegressions;
      await train(this.#backend, { ...pack, indices, packables: runs }, pace, {
        breathe: () => this.#breathe(),
        take: (ended, trained) => this.#take(ended, trained, entries),
      });
    }
  }

  async #take(ended: readonly number[], trained: SideBySide, entries: readonly (Entry | null)[]): Promise<void> {
    const preparedOf = (index: number) => (entries[index] as Extract<Entry, { kind: 'run' }>).prepared as Prepared;
    const ends = await endsOf(this.#twin, trained, ended.map(preparedOf), this.#measures.length > 0, () => this.#breathe());
    this.#settle(ended.map((index, place) => [index, this.#trialOf(entries[index] as Entry, ends[place] as TrialEnds)]));
  }

  /**
   * One by one, and on WebGPU in lockstep where runs on samples can; there a few at a time, since a run that samples waits for what it reads
   * back before each round.
   */
  async #trainOthers(entries: readonly (Entry | null)[]): Promise<void> {
    const waiting = (await jobsOf(this.#backend, entries)).filter((job) => job.some((index) => !this.#finished.has(index)));
    const lanes = this.#backend.kind === 'webgpu' ? runsAtOnce : 1;
    let hasFailed = false;
    const lane = async (): Promise<void> => {
      for (let next = waiting.shift(); next && !hasFailed; next = waiting.shift()) {
        try {
          this.#settle(await this.#trainJob(next, entries));
          await this.#breathe();
        } catch (error) {
          hasFailed = true;
          throw error;
        }
      }
    };
    // all have ended before anything is told of the first that failed
    const ends = await Promise.allSettled(Array.from({ length: lanes }, lane));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  /** Trials that were still missing: a list in lockstep is trained whole, since who else is in it must not depend on what had finished. */
  async #trainJob(job: readonly number[], entries: readonly (Entry | null)[]): Promise<(readonly [number, Trial])[]> {
    const own = job.map((index) => entries[index] as Entry);
    const first = own[0] as Entry;
    const trials =
      first.kind === 'run'
        ? [await this.#trainRun(first, first.prepared)]
        : await this.#trainRounds(own.filter((entry) => entry.kind === 'on-policy'));
    return job.map((index, place) => [index, trials[place] as Trial] as const).filter(([index]) => !this.#finished.has(index));
  }

  async #trainRun(entry: Entry, prepared: PreparedRun): Promise<Trial> {
    const run = await startPrepared(this.#backend, prepared);
    try {
      const last = run.experiment.optimizer.steps;
      const wanted = this.#record.filter((step) => step <= last);
      const { steps, final } = await trainRun(run, this.#cancelled, [...new Set([0, ...wanted, last])]);
      const [first, end] = [steps[0], steps.at(-1)] as [RecordedStep, RecordedStep];
      const isOfOthers = run.experiment.stages?.some(({ pairs, data, groups }) => pairs || data || groups);
      const start = isOfOthers ? { ...first, chosenLogps: [], rejectedLogps: [] } : first;
      const trial = this.#trialOf(entry, { final, start, end, isLost: false });
      return this.#record.length > 0 ? { ...trial, steps: steps.filter(({ step }) => wanted.includes(step)) } : trial;
    } finally {
      run.dispose();
    }
  }

  async #trainRounds(entries: readonly Extract<Entry, { kind: 'on-policy' }>[]): Promise<Trial[]> {
    const { trainTogether } = await import('../on-policy/on-policy.ts');
    const all = await trainTogether(this.#backend, entries, { ...this.#cancelled, record: this.#record, sparse: true });
    return entries.map((entry, place) => this.#trialOfRounds(entry, all[place] as OnPolicyTrajectory));
  }

  #trialOfRounds(entry: Entry, { rounds, final }: OnPolicyTrajectory): Trial {
    const none = { losses: [], chosenLogps: [], rejectedLogps: [], loss: Number.NaN };
    const stateOf = (round?: OnPolicyRound): RecordedStep => ({
      ...none,
      step: round?.updates ?? 0,
      outcomeLogps: round?.outcomeLogps ?? [],
    });
    const [start, end] = [stateOf(rounds[0]), stateOf(rounds.at(-1))];
    const trial = this.#trialOf(entry, { final, start, end, isLost: end.outcomeLogps?.some(Number.isNaN) ?? false });
    return this.#record.length > 0 ? { ...trial, rounds: rounds.filter(({ updates }) => this.#record.includes(updates)) } : trial;
  }

  get #cancelled(): { signal?: AbortSignal } {
    const { signal } = this.#options;
    return signal ? { signal } : {};
  }

  #trialOf(entry: Entry, ends: TrialEnds): Trial {
    return trialOf(ends, entry, this.#measures);
  }

  #settle(trials: readonly (readonly [number, Trial])[]): void {
    for (const [index, trial] of trials) this.#finished.set(index, trial);
    this.#options.onProgress?.(this.#finished.size, this.#experiments.length);
    this.#options.onPartial?.(
      this.#finished,
      trials.map(([index]) => index),
    );
  }

  /** The chance to cancel between two slices. */
  async #breathe(): Promise<void> {
    await nextTask();
    this.#options.signal?.throwIfAborted();
  }
}
