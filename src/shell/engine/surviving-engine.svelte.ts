import type { AdapterDescription, BackendKind } from '../../backend/backend.ts';
import { DisposedError } from '../../core/errors.ts';
import type {
  Experiment,
  PairDiagnosis,
  Parameters,
  RecordedStep,
  RunOptions,
  Sweep,
  SweepOptions,
  SweepResult,
  Trajectory,
} from '../../core/experiment.ts';
import type { FlowExperiment, FlowLines } from '../../core/flow.ts';
import { messageOf } from '../../core/message-of.ts';
import type { OnPolicyExperiment, OnPolicyTrajectory, TargetExperiment } from '../../core/on-policy.ts';
import type { Trial, TrialExperiment, TrialsOptions } from '../../core/trial.ts';
import type { TrainingRun } from '../../train/run.ts';
import type { Agreement } from '../runs/player.svelte.ts';
import { type CheckedWork, suspectOf, type Twin } from './checked-work.ts';
import type { DeviceMeasurement } from './device-check.ts';
import type { Work } from './engine-comparison.ts';
import type { CallResult } from './engine-protocol.ts';
import { openPageEngine, type PageEngine } from './page-engine.ts';
import { SurvivingRun } from './surviving-run.ts';

/** Checked by what is fetched with the first numbers; without that nothing is known of the GPU. */
const assertNumbers = async (work: CheckedWork, openTwin: () => Promise<Twin>): Promise<void> =>
  (await import('./number-check.ts').catch(() => null))?.assertNumbers(work, openTwin);

/**
 * What happened to the engine, for the reader. `cpu`: no GPU could be had; `lost`: it went away and is asked for again; `back`: it came
 * back; `gone`: it did not; `limits`: the work exceeds what it allows; `fault`: it failed at the work; `numbers`: it gave no numbers where
 * there are some. `stopped`, `started` and `ended` are `lost`, `back` and `gone` of the engine's worker. In the cases `cpu`, `gone`,
 * `ended`, `limits`, `fault` and `numbers` the CPU engine computes. `page`: no worker could be had, so that the engine works in the page's
 * own thread.
 */
export interface EngineNews {
  readonly kind: 'cpu' | 'lost' | 'back' | 'gone' | 'stopped' | 'started' | 'ended' | 'limits' | 'fault' | 'numbers' | 'page';
  /** the cause, as the browser or the engine put it; empty where it is not known */
  readonly reason: string;
}

/** Losses in a row, with nothing finished between them, after which the GPU is not asked for again. */
const mostLosses = 3;
/** Pauses before each request for a GPU that went away, in milliseconds: a driver that restarts takes a moment. */
const usualPauses = [0, 250, 1000];

/** How engines are opened; tests have no time for the pauses. */
export interface Opener {
  open?: typeof openPageEngine;
  pauses?: readonly number[];
}

const isLoss = (error: unknown): boolean =>
  error instanceof Error && ['DeviceLostError', 'DisposedError', 'WorkerError'].includes(error.name);
/** What the browser said of a device that went away; nothing where it said nothing. */
const wordsOf = (error: unknown): string => (error instanceof Error && error.name === 'DisposedError' ? '' : messageOf(error));

/** What is said while an engine is asked for again, when it is there, and when the CPU engine is in its place. */
const deviceLoss = { during: 'lost', after: 'back', without: 'gone' } as const;
const workerLoss = { during: 'stopped', after: 'started', without: 'ended' } as const;

/** Errors that the same call has on every engine: what was asked for is at fault. All others on a GPU are the GPU's. */
const mistakes = [
  'ExperimentError',
  'ObjectiveError',
  'ExpressionError',
  'ShapeError',
  'IndexError',
  'UnsupportedError',
  'PrefscopeError',
  'AbortError',
];

/** Why a GPU is given up for the CPU engine after an error; null where the error is not its own. */
function faultOf(error: unknown): EngineNews | null {
  const name = error instanceof Error ? error.name : '';
  if (mistakes.includes(name)) return null;
  const message = messageOf(error);
  if (name === 'DeviceLimitError') return { kind: 'limits', reason: message };
  if (name === 'NumbersError') return { kind: 'numbers', reason: message };
  if (name === 'ShaderError') return { kind: 'fault', reason: `One of its programs does not compile: ${message}` };
  return { kind: 'fault', reason: name === 'DeviceError' ? message : `The browser said: ${message}` };
}

/** What the reader should know of an engine that has just opened: that it has no GPU, or works in the page itself. */
function newsOfOpening({ fallbackReason, withoutWorker }: PageEngine): EngineNews | null {
  if (fallbackReason === null) return withoutWorker ? { kind: 'page', reason: withoutWorker } : null;
  return { kind: 'cpu', reason: withoutWorker ? `${fallbackReason} It trains in the page’s own thread. ${withoutWorker}` : fallbackReason };
}

/**
 * The page's engine, whatever happens to the device below it. A device that goes away is asked for again, and where there is none, or it
 * is too small for the work, the float64 CPU engine takes over. Calls under way are answered all the same: each is a function of its
 * arguments, so it is made again; runs go on from the step they had reached, sweeps keep their finished rows, trials the finished ones.
 */
export class SurvivingEngine implements PageEngine {
  readonly #open: typeof openPageEngine;
  readonly #pauses: readonly number[];
  #source = $state.raw<PageEngine>() as PageEngine;
  #news = $state.raw<EngineNews | null>(null);
  /** the engine that calls go to; pending while one is being opened */
  #ready: Promise<PageEngine>;
  #isOpening = false;
  #lastWork = $state.raw<Work | null>(null);
  /** the CPU engine that work is compared with */
  #twin: Promise<PageEngine> | null = null;
  /** pending while the page rests */
  #awake: Promise<void> | null = null;
  #wake: () => void = () => {};
  #losses = 0;
  #disposed = false;
  /** how to break off the calls that wait for the present device, which may never be answered */
  readonly #waiting = new Set<(error: Error) => void>();
  /** resolves where no engine at all can be had any more */
  readonly lost: Promise<Error>;
  #end: (error: Error) => void = () => {};

  private constructor({ open, pauses }: Required<Opener>, source: PageEngine, news: EngineNews | null) {
    this.#open = open;
    this.#pauses = pauses;
    this.#news = news;
    this.lost = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#ready = Promise.resolve(this.#adopt(source));
  }

  /** Opens what was chosen; where that cannot be had, the CPU engine, with the reason in `news`. */
  static async open(backend: BackendKind | 'auto', { open = openPageEngine, pauses = usualPauses }: Opener = {}): Promise<SurvivingEngine> {
    const opener = { open, pauses };
    try {
      const engine = await open({ backend });
      return new SurvivingEngine(opener, engine, newsOfOpening(engine));
    } catch (error) {
      return new SurvivingEngine(opener, await open({ backend: 'cpu' }), { kind: 'cpu', reason: messageOf(error) });
    }
  }

  get backend(): BackendKind {
    return this.#source.backend;
  }
  get adapter(): AdapterDescription | null {
    return this.#source.adapter;
  }
  get fallbackReason(): string | null {
    return this.#source.fallbackReason;
  }
  get news(): EngineNews | null {
    return this.#news;
  }
  dismissNews(): void {
    this.#news = null;
  }

  startRun(experiment: Experiment): Promise<TrainingRun> {
    return SurvivingRun.start(
      (work, isOver) => this.#survive(work, {}, isOver),
      experiment,
      async (engine, steps) => {
        await this.#check(engine, steps, experiment);
        const last = steps.at(-1);
        if (last) this.#remember({ kind: 'run', experiment, step: last });
      },
    );
  }
  train(experiment: Experiment, options?: RunOptions): Promise<Trajectory> {
    return this.#survive(async (engine) => {
      const trajectory = await engine.train(experiment, options);
      await this.#check(engine, trajectory.steps, experiment);
      return trajectory;
    }, options);
  }
  trainOnPolicy(experiment: OnPolicyExperiment, options?: RunOptions): Promise<OnPolicyTrajectory> {
    return this.#survive(async (engine) => {
      const trajectory = await engine.trainOnPolicy(experiment, options);
      await this.#checkWork(engine, { kind: 'rounds', experiment, rounds: trajectory.rounds });
      return trajectory;
    }, options);
  }
  async matchTarget(experiment: TargetExperiment, options?: RunOptions): Promise<CallResult<'matchTarget'>> {
    const descent = await this.#survive(async (engine) => {
      const done = await engine.matchTarget(experiment, options);
      await this.#checkWork(engine, { kind: 'descent', experiment, steps: done.steps });
      return done;
    }, options);
    this.#remember({ kind: 'descent', experiment, steps: descent.steps });
    return descent;
  }
  diagnose(experiment: Experiment, parameters?: Parameters): Promise<PairDiagnosis[]> {
    return this.#survive(async (engine) => {
      const pairs = await engine.diagnose(experiment, parameters);
      await this.#checkWork(engine, { kind: 'diagnosis', experiment, pairs, ...(parameters ? { parameters } : {}) });
      return pairs;
    });
  }
  flow(experiment: FlowExperiment, options?: RunOptions): Promise<FlowLines> {
    return this.#survive(async (engine) => {
      const lines = await engine.flow(experiment, options);
      await this.#checkWork(engine, { kind: 'flow', experiment, lines });
      return lines;
    }, options);
  }
  check(options?: RunOptions): Promise<DeviceMeasurement[]> {
    return this.#survive((engine) => engine.check(options), options);
  }

  async sweep(sweep: Sweep, options: SweepOptions = {}): Promise<SweepResult> {
    // What has finished by seeds can be resumed; a caller who does not want it that way gets it without.
    const given = ({ perSeed, ...means }: SweepResult): SweepResult => (sweep.perSeed && perSeed ? { ...means, perSeed } : means);
    let { resume } = sweep;
    const whole = await this.#survive(async (engine) => {
      const result = await engine.sweep(
        { ...sweep, perSeed: true, ...(resume ? { resume } : {}) },
        {
          ...options,
          onPartial: (partial) => {
            if (!this.#advances(engine)) return;
            resume = partial;
            options.onPartial?.(given(partial));
          },
        },
      );
      try {
        await this.#checkWork(engine, { kind: 'sweep', sweep, result });
      } catch (error) {
        resume = sweep.resume; // none of what it has trained is kept
        throw error;
      }
      return given(result);
    }, options);
    this.#remember({ kind: 'sweep', sweep, result: whole });
    return whole;
  }

  /** What is compiled is compiled for the present device; it does no harm where that goes away. */
  prepareSweep(sweep: Sweep): Promise<void> {
    return this.#source.prepareSweep(sweep);
  }

  async trials(experiments: readonly TrialExperiment[], options: TrialsOptions = {}): Promise<Trial[]> {
    const { KeptTrials } = await import('./kept-trials.ts');
    const kept = new KeptTrials(options);
    return this.#survive(async (engine) => {
      const trials = await engine.trials(
        experiments,
        kept.options(() => this.#advances(engine)),
      );
      await this.#checkWork(engine, { kind: 'trials', experiments, trials }).catch(kept.drop);
      return trials;
    }, options);
  }

  /** Whether news of work come from the present engine, not from a device that is gone. */
  #advances(engine: PageEngine): boolean {
    if (engine !== this.#source) return false;
    this.#losses = 0;
    return true;
  }

  /** the last work that `compare` can do again */
  get lastWork(): Work | null {
    return this.#lastWork;
  }

  /** Does the last work again on the float64 CPU engine, in a worker of its own. Null where there is none. */
  async compare(options?: RunOptions): Promise<Agreement | null> {
    const work = this.#lastWork;
    if (!work) return null;
    const { compareWork } = await import('./compare-work.ts'); // seldom asked for
    return compareWork(work, await this.#openTwin(), options);
  }

  #openTwin(): Promise<PageEngine> {
    if (this.#twin) return this.#twin;
    const twin = this.#open({ backend: 'cpu' });
    this.#twin = twin;
    const forget = () => {
      if (this.#twin === twin) this.#twin = null;
    };
    void twin.then(({ lost }) => lost).then(forget, forget); // the next comparison opens another
    return twin;
  }

  /** Rejects with a NumbersError where a GPU gave NaN in the first states and the CPU engine has numbers. */
  async #checkWork(engine: PageEngine, work: CheckedWork): Promise<void> {
    if (engine.backend === 'webgpu') await assertNumbers(work, () => this.#openTwin());
  }
  async #check(engine: PageEngine, steps: readonly RecordedStep[], experiment: Experiment): Promise<void> {
    const step = suspectOf(steps);
    if (step) await this.#checkWork(engine, { kind: 'run', experiment, step });
  }

  /** While nobody sees the page, calls wait before they begin; those under way end. */
  rest(isResting: boolean): void {
    if (!isResting) {
      this.#wake();
      this.#awake = null;
    } else
      this.#awake ??= new Promise((resolve) => {
        this.#wake = resolve;
      });
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#breakOff(new DisposedError('This engine was disposed.'));
    this.rest(false);
    for (const opened of [this.#ready, this.#twin])
      void opened?.then(
        (engine) => engine.dispose(),
        () => {},
      );
  }

  #remember(work: Work): void {
    if (this.backend === 'webgpu') this.#lastWork = work;
  }

  async #survive<T>(work: (engine: PageEngine) => Promise<T>, { signal }: RunOptions = {}, isOver = () => false): Promise<T> {
    let blamed: string | null = null;
    for (;;) {
      await this.#awake;
      const engine = await this.#ready;
      if (this.#disposed) throw new DisposedError('This engine was disposed. Open another one.');
      signal?.throwIfAborted();
      try {
        const value = await this.#orBrokenOff(work(engine));
        this.#losses = 0;
        return value;
      } catch (error) {
        signal?.throwIfAborted();
        if (this.#disposed || isOver()) throw error;
        const news = engine.backend === 'webgpu' ? faultOf(error) : null;
        if (isLoss(error)) this.#openAgain(engine, error);
        else if (news) {
          blamed = messageOf(error);
          this.#leave(engine, news);
        } else {
          if (messageOf(error) === blamed) this.#news = null; // the CPU engine fails alike: it was not the GPU
          throw error;
        }
      }
    }
  }

  #orBrokenOff<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.add(reject);
      work.then(resolve, reject).finally(() => this.#waiting.delete(reject));
    });
  }

  #breakOff(error: Error): void {
    for (const reject of this.#waiting) reject(error);
    this.#waiting.clear();
  }

  #adopt(engine: PageEngine): PageEngine {
    this.#source = engine;
    this.#isOpening = false;
    if (this.#disposed) engine.dispose();
    void engine.lost.then((error) => {
      this.#openAgain(engine, error);
      if (engine === this.#source) this.#breakOff(error);
    });
    return engine;
  }

  /** The device went away, or the worker. The first that notices opens another. */
  #openAgain(engine: PageEngine, error: unknown): void {
    if (this.#disposed || this.#isOpening || engine !== this.#source) return;
    this.#losses++;
    const reason = wordsOf(error);
    // A CPU engine has no device that could go away.
    const loss = engine.backend === 'cpu' || (error instanceof Error && error.name === 'WorkerError') ? workerLoss : deviceLoss;
    this.#news = { kind: loss.during, reason };
    this.#replace(engine, () => this.#request(engine.backend, reason, loss));
  }

  /** Gives the device up for the CPU engine. */
  #leave(engine: PageEngine, news: EngineNews): void {
    if (this.#disposed || this.#isOpening || engine !== this.#source) return;
    this.#replace(engine, async () => {
      const cpu = await this.#open({ backend: 'cpu' });
      this.#news = news;
      return cpu;
    });
  }

  #replace(old: PageEngine, open: () => Promise<PageEngine>): void {
    this.#isOpening = true;
    this.#ready = open().then((engine) => this.#adopt(engine));
    this.#ready.catch((error: unknown) => this.#end(error instanceof Error ? error : new Error(String(error))));
    old.dispose();
  }

  async #request(backend: BackendKind, reason: string, loss: typeof deviceLoss | typeof workerLoss): Promise<PageEngine> {
    let cause = reason;
    for (const pause of this.#losses > mostLosses ? [] : this.#pauses) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.#disposed) break;
      try {
        const engine = await this.#open({ backend });
        this.#news = { kind: loss.after, reason };
        return engine;
      } catch (error) {
        cause = messageOf(error);
      }
    }
    if (backend === 'cpu') throw new DisposedError(`The engine stopped and could not be started again: ${cause}`);
    const cpu = await this.#open({ backend: 'cpu' });
    this.#news = { kind: loss.without, reason: cause };
    return cpu;
  }
}
