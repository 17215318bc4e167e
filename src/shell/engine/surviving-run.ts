import { DisposedError } from '../../core/errors.ts';
import type { Experiment, Parameters, RecordedStep } from '../../core/experiment.ts';
import type { TrainingRun } from '../../train/run.ts';
import type { PageEngine } from './page-engine.ts';

/** Carries out work on the present engine, and on the next one if it is lost meanwhile, unless the work is over by then. */
type Survive = <T>(work: (engine: PageEngine) => Promise<T>, isOver: () => boolean) => Promise<T>;

/**
 * A run that outlives the engine it was started on. A run is a function of its experiment alone: on another engine it is started again
 * and led to the step where it was, which gives the same bits on the same kind of engine, and float64's own on the CPU.
 */
export class SurvivingRun implements TrainingRun {
  readonly experiment: Experiment;
  readonly #survive: Survive;
  readonly #onStep: (step: RecordedStep) => void;
  #at: { engine: PageEngine; run: TrainingRun };
  #step = 0;
  #disposed = false;
  /** calls are answered in order, and each must know the step that the one before it reached */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(
    survive: Survive,
    experiment: Experiment,
    onStep: (step: RecordedStep) => void,
    at: { engine: PageEngine; run: TrainingRun },
  ) {
    this.#survive = survive;
    this.#onStep = onStep;
    this.experiment = experiment;
    this.#at = at;
  }

  /** Rejects as `Engine.startRun` does. `onStep` hears of the last state that was recorded. */
  static async start(survive: Survive, experiment: Experiment, onStep: (step: RecordedStep) => void): Promise<SurvivingRun> {
    const at = await survive(
      async (engine) => ({ engine, run: await engine.startRun(experiment) }),
      () => false,
    );
    return new SurvivingRun(survive, experiment, onStep, at);
  }

  get step(): number {
    return this.#step;
  }

  advance(updates: number, record?: readonly number[]): Promise<RecordedStep[]> {
    return this.#call(async (run) => {
      const recorded = await run.advance(updates, record);
      this.#step = run.step;
      const last = recorded.at(-1);
      if (last) this.#onStep(last);
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

  #call<T>(work: (run: TrainingRun) => Promise<T>): Promise<T> {
    const called = this.#queue.then(() =>
      this.#survive(
        async (engine) => {
          if (this.#disposed) throw new DisposedError('This run was disposed. Start a new one.');
          if (this.#at.engine !== engine) this.#at = { engine, run: await this.#replay(engine) };
          return work(this.#at.run);
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
