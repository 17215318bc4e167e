import type { Backend } from '../../backend/backend.ts';
import { createBackend } from '../../backend/create.ts';
import { assertInteger } from '../../core/assertions.ts';
import { ExperimentError, UnsupportedError } from '../../core/errors.ts';
import type { Experiment, Parameters, RecordedStep, Trial, TrialsOptions } from '../../core/experiment.ts';
import { maxRuns } from '../../core/max-runs.ts';
import '../../policies/further-kinds.ts';
import { definePolicy } from '../../policies/kinds.ts';
import { nextTask } from '../next-task.ts';
import { trainToEnd } from '../start-run.ts';
import { Ensemble, ensembleCapacity } from '../sweep/ensemble.ts';
import { Pace, trainInSlices } from '../sweep/pace.ts';
import { ToyRun } from '../toy-run.ts';
import { resolveData } from '../validate/resolve-data.ts';
import { validateExperiment } from '../validate/validate-experiment.ts';
import { isMeasure, type Measure, measure, measureNames } from './measures.ts';
import { type Pack, packsOf } from './packs.ts';

/** An experiment as it was given, with what its data generated. */
interface Entry {
  readonly experiment: Experiment;
  readonly rewards: readonly (readonly number[])[] | undefined;
}

/** The experiments with their data, each checked; an error says which one is at fault. */
function entriesOf(experiments: readonly Experiment[]): Entry[] {
  if (!Array.isArray(experiments)) throw new UnsupportedError('Trials are a list of experiments.');
  if (experiments.length > maxRuns) throw new UnsupportedError(`These are ${experiments.length} trials; at most ${maxRuns} are allowed.`);
  return experiments.map((given: Experiment, index) => {
    try {
      const experiment = resolveData(given);
      if (!experiment?.stages) validateExperiment(experiment); // stages are checked as they are laid out
      return { experiment, rewards: given.data?.rewards };
    } catch (error) {
      if (error instanceof ExperimentError) throw new ExperimentError(`[${index}].${error.path}`, error.message.replace(/^\S+ /, ''));
      throw error;
    }
  });
}

function wantedMeasures(names: readonly string[]): Measure[] {
  const unknown = names.find((name) => !isMeasure(name));
  if (unknown !== undefined) throw new UnsupportedError(`There is no measure '${unknown}'. There are ${measureNames.join(', ')}.`);
  return names.filter(isMeasure);
}

const hasLost = (final: Parameters, { loss, chosenLogps, rejectedLogps }: RecordedStep): boolean =>
  // -Infinity is the logit of an outcome that cannot occur
  ![loss, ...chosenLogps, ...rejectedLogps].every(Number.isFinite) ||
  Object.values(final).some((values) => values.some((value) => Number.isNaN(value) || value === Number.POSITIVE_INFINITY));

const lost = (final: Parameters): Parameters =>
  Object.fromEntries(Object.entries(final).map(([name, values]) => [name, values.map(() => Number.NaN)]));

/**
 * Trains any experiments, many side by side where ensembles can and the others one by one; results in their order, with the numbers of
 * `engine.train` (on the CPU engine to the bit; on WebGPU up to rounding). Rejects with an ExperimentError before any
 * work where a field is wrong (in stages, and in an objective of groups, at its turn), with a DeviceLimitError where an experiment does
 * not fit, and with the signal's reason once it is aborted.
 */
export async function runTrials(backend: Backend, experiments: readonly Experiment[], options: TrialsOptions = {}): Promise<Trial[]> {
  options.signal?.throwIfAborted();
  const entries = entriesOf(experiments);
  const { backend: twin } = await createBackend('cpu');
  try {
    return await new TrialsJob(backend, twin, entries, options).run();
  } finally {
    twin.dispose();
  }
}

class TrialsJob {
  readonly #backend: Backend;
  /** reads states off parameters that an ensemble has trained */
  readonly #twin: Backend;
  readonly #entries: readonly Entry[];
  readonly #options: TrialsOptions;
  readonly #measures: readonly Measure[];
  readonly #record: readonly number[];
  readonly #finished = new Map<number, Trial>();

  constructor(backend: Backend, twin: Backend, entries: readonly Entry[], options: TrialsOptions) {
    const { measures = [], record = [] } = options;
    for (const [index, step] of record.entries()) assertInteger(`record[${index}]`, step, 0, Number.MAX_SAFE_INTEGER);
    this.#backend = backend;
    this.#twin = twin;
    this.#entries = entries;
    this.#options = options;
    this.#measures = wantedMeasures(measures);
    this.#record = record;
  }

  async run(): Promise<Trial[]> {
    const experiments = this.#entries.map(({ experiment }) => experiment);
    try {
      // An ensemble keeps ends, and no states on the way.
      const packs = this.#record.length > 0 ? [] : packsOf(experiments);
      for (const pack of packs) await this.#trainPack(pack);
      for (const [index, entry] of this.#entries.entries()) {
        if (this.#finished.has(index)) continue;
        this.#settle([[index, await this.#trainAlone(entry)]]);
        await this.#breathe();
      }
    } catch (error) {
      this.#options.onPartial?.(new Map(this.#finished));
      throw error;
    }
    return experiments.map((_, index) => this.#finished.get(index) as Trial);
  }

  async #trainPack({ indices, program, runs }: Pack): Promise<void> {
    const kernels = await this.#backend.further();
    const pace = new Pace();
    const capacity = ensembleCapacity(program, this.#backend);
    const mostSteps = runs.reduce((most, { steps }) => Math.max(most, steps), 0);
    for (let at = 0; at < runs.length; ) {
      const members = runs.slice(at, at + pace.chunk(runs.length - at, capacity, mostSteps));
      const ensemble = new Ensemble(this.#backend, kernels, program, members);
      try {
        await trainInSlices(ensemble, this.#backend, pace, () => this.#breathe());
        const [{ diverged }, parameters] = [await ensemble.measure(), await ensemble.parameters()];
        const trials: [number, Trial][] = [];
        for (const place of members.keys()) {
          const index = indices[at + place] as number;
          const own = parameters
            .slice(0, parameters.length / members.length)
            .map((_, i) => parameters[i * members.length + place] as number);
          trials.push([index, await this.#ofParameters(this.#entries[index] as Entry, own, diverged[place] === 1)]);
          await this.#breathe();
        }
        this.#settle(trials);
      } finally {
        ensemble.dispose();
      }
      at += members.length;
    }
  }

  /** A trial from the flat parameters of its end; its states are those of the float64 CPU engine. */
  async #ofParameters(entry: Entry, flat: Float32Array | Float64Array, isLost: boolean): Promise<Trial> {
    const { experiment } = entry;
    const final: Parameters = {};
    let at = 0;
    for (const { name, values } of definePolicy(experiment.policy, experiment.seed).parameters) {
      final[name] = flat.slice(at, at + values.length);
      at += values.length;
    }
    const stateAt = async (parameters?: Parameters): Promise<RecordedStep> => {
      const run = await ToyRun.open(this.#twin, experiment, { parameters });
      try {
        return (await run.advance(0, [0]))[0] as RecordedStep;
      } finally {
        run.dispose();
      }
    };
    return this.#trial(entry, final, await stateAt(), await stateAt(final), isLost);
  }

  async #trainAlone(entry: Entry): Promise<Trial> {
    const { signal } = this.#options;
    const last = this.#lastStep(entry.experiment);
    const { steps, final } = await trainToEnd(
      this.#backend,
      { ...entry.experiment, record: [...new Set([0, ...this.#record.filter((step) => step <= last), last])] },
      signal ? { signal } : {},
    );
    const [start, end] = [steps[0], steps.at(-1)] as [RecordedStep, RecordedStep];
    const trial = this.#trial(entry, final, start, end, false);
    return this.#record.length > 0 ? { ...trial, steps: steps.filter(({ step }) => this.#record.includes(step)) } : trial;
  }

  #lastStep({ optimizer, stages = [] }: Experiment): number {
    return stages.reduce((sum, stage) => sum + (stage.optimizer?.steps ?? optimizer.steps), stages.length > 0 ? 0 : optimizer.steps);
  }

  #trial({ experiment, rewards }: Entry, final: Parameters, start: RecordedStep, end: RecordedStep, isLost: boolean): Trial {
    const diverged = isLost || hasLost(final, end);
    const { columns } = definePolicy(experiment.policy, experiment.seed);
    const { outcomeLogps } = end;
    const taken = (name: Measure) =>
      diverged ? Number.NaN : measure(name, { start: experiment.stages ? null : start, end, rewards, columns });
    return {
      final: diverged ? lost(final) : final,
      ...(outcomeLogps ? { outcomeLogps: diverged ? outcomeLogps.map(() => Number.NaN) : outcomeLogps } : {}),
      measures: Object.fromEntries(this.#measures.map((name) => [name, taken(name)])),
      diverged,
    };
  }

  #settle(trials: readonly (readonly [number, Trial])[]): void {
    for (const [index, trial] of trials) this.#finished.set(index, trial);
    this.#options.onProgress?.(this.#finished.size, this.#entries.length);
    this.#options.onPartial?.(new Map(this.#finished));
  }

  /** The chance to cancel between two slices. */
  async #breathe(): Promise<void> {
    await nextTask();
    this.#options.signal?.throwIfAborted();
  }
}
