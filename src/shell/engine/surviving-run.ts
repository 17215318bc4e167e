import { DisposedError } from '../../core/errors.ts';
import type { Experiment, Parameters, RecordedStep } from '../../core/experiment.ts';
import type { TrainingRun } from '../../train/run.ts';
import type { PageEngine } from './page-engine.ts';

/** Carries out work on the present engine, and on the next one if it is lost meanwhile, unless the work is over by then. */
type Survive = <T>(work: (engine: PageEngine) => Promise<T>, isOver: () => boolean) => Promise<T>;

/** Hears of recorded states and of the engine that they are from. Where it rejects, the call ends as if the engine's own had. */
type OnSteps = (engine: PageEngine, steps: readonly RecordedStep[]) => Promise<void>;

/**
 * A run that outlives the engine it was started on. A run is a function of its experiment alone: on another engine it is started again
 * and led to the step where it was, which gives the same bits on the same kind of engine, and float64's own on the CPU.
 */
export class SurvivingRun implements TrainingRun {
  readonly experiment: Experiment;
  readonly #survive: Survive;
  readonly #onSteps: OnSteps;
  #at: { engine: PageEngine; run: TrainingRun };
  #step = 0;
  #disposed = false;
  /** calls are answered in order, and each must know the step that the one before it reached */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(survive: Survive, experiment: Experiment, onSteps: OnSteps, at: { engine: PageEngine; run: TrainingRun }) {
    this.#survive = survive;
    this.#onSteps = onSteps;
    this.experiment = experiment;
    this.#at = at;
  }

  /** Rejects as `Engine.startRun` does. `onSteps` hears of the states that were recorded, and may refuse them. */
  static async start(survive: Survive, experiment: Experiment, onSteps: OnSteps): Promise<SurvivingRun> {
    const at = await survive(
      async (engine) => ({ engine, run: await engine.startRun(experiment) }),
      () => false,
    );
    return new SurvivingRun(survive, experiment, onSteps, at);
  }

  get step(): number {
    return this.#step;
  }

  advance(updates: number, record?: readonly number[]): Promise<RecordedStep[]> {
    return this.#call(async (run, engine) => {
      const recorded = await run.advance(updates, record);
      await this.#onSteps(engine, recorded);
      this.#step = run.step;
      return recorded;
    });
  }

  parameters(): Promise<Parameters> {
    return this.#call((run) => run.parameters());
  }

  dispose(): void {
    this.#disposed = true;
    this.#at.run.dispose();
  }

  #call<T>(work: (run: TrainingRun, engine: PageEngine) => Promise<T>): Promise<T> {
    const called = this.#queue.then(() =>
      this.#survive(
        async (engine) => {
          if (this.#disposed) throw new DisposedError('This run was disposed. Start a new one.');
          if (this.#at.engine !== engine) this.#at = { engine, run: await this.#replay(engine) };
          return work(this.#at.run, engine);
        },
        () => this.#disposed,
      ),
    );
    this.#queue = called.catch(() => {});
    return called;
  }

  async #replay(engine: PageEngine): Promise<TrainingRun> {
    const run = await engine.startRun(this.experiment);
    if (this.#step > 0) await run.advance(this.#step, []);
    if (this.#disposed) run.dispose();
    return run;
  }
}
