import type { RecordedStep } from '../core/experiment.ts';
import { messageOf } from '../core/message-of.ts';
import { chosenToken, noOverNever, rejectedToken, tokens, toyPolicy } from '../experiments/no-over-never.ts';
import { type Engine, openEngine } from '../train/engine.ts';
import type { TrainingRun } from '../train/run.ts';
import { firstOrder, flipScale } from './displacement.ts';
import type { LinkState } from './displacement-link.ts';
import { forcesOf, type ObjectiveView, type PageChoice, type PairState, viewObjective } from './objective-view.ts';
import { openPageEngine, type PageEngine } from './page-engine.ts';
import { changeSettings, defaultSettings, defaultSpeed, type ToySettings, trainPresets } from './settings.ts';
import { matchedLearningRate } from './step-size.ts';
import { type Cast, isFiniteStep, regimeOf, tellStory, topGainer } from './story.ts';

/** `starting`: no engine yet, the CPU's run is shown; `failed`: the run cannot go on, `problem` says why. */
export type Status = 'starting' | 'playing' | 'paused' | 'finished' | 'failed';
export type EngineChoice = 'auto' | 'webgpu' | 'cpu';

/** How far the engine's log-probabilities are from the float64 CPU engine's, over the steps compared. */
export interface Agreement {
  /** nats */
  readonly largestDifference: number;
  readonly lastStep: number;
}

/** Most updates between two frames, at any speed: the page must stay responsive. */
const mostUpdatesPerFrame = 250;

/** Changes closer than this are one for undo, in milliseconds. */
const oneChange = 600;
/** Changes that can be undone. */
const mostUndone = 200;

const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** The states before the first that has overflowed. */
function finitePart(steps: readonly RecordedStep[]): readonly RecordedStep[] {
  const end = steps.findIndex((step) => !isFiniteStep(step));
  return end < 0 ? steps : steps.slice(0, end);
}

/**
 * The toy's one training run: owns the engine, drives the run frame by frame and keeps every state, so that scrubbing
 * never retrains. The float64 CPU engine trains the same experiment beside it: that run is on the page before the GPU
 * is ready, fixes the axes, and is what the engine's numbers are checked against.
 */
export class Session {
  readonly cast: Cast = { tokens, chosen: chosenToken, rejected: rejectedToken };

  #settings = $state.raw<ToySettings>(defaultSettings);
  #speed = $state<number>(defaultSpeed);
  #status = $state<Status>('starting');
  #engine = $state.raw<PageEngine | null>(null);
  #choice = $state<EngineChoice>('auto');
  #opening = $state(false);
  /** why the run cannot go on */
  #problem = $state<string | null>(null);
  /** why the page runs on an engine that was not asked for */
  #notice = $state<string | null>(null);
  #history = $state.raw<readonly RecordedStep[]>([]);
  #expected = $state.raw<readonly RecordedStep[]>([]);
  #divergedAt = $state<number | null>(null);
  #agreement = $state.raw<Agreement | null>(null);
  #pinned = $state<number | null>(null);
  #hovered = $state<number | null>(null);
  /** the objective's parameter that the reader points at, in the formula or at its control */
  #pointed = $state<string | null>(null);
  #past = $state.raw<readonly ToySettings[]>([]);
  #future = $state.raw<readonly ToySettings[]>([]);
  #changedAt = Number.NEGATIVE_INFINITY;

  /** another engine is there, for others that use it */
  onEngine: () => void = () => {};

  readonly #oracle: Engine;
  /** no animation unless the reader asks for it */
  readonly #calm: boolean;
  #instant: boolean;
  #hidden = false;
  /** counts restarts: a loop that sees another number than its own is out of date */
  #generation = 0;
  /** runs follow one another, so that no two calls to the engine overlap */
  #turn: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  #stepsAsked = 0;
  #openings = 0;

  readonly #steps = $derived.by((): readonly RecordedStep[] => {
    if (this.#history.length > 0) return this.#history;
    // Before the first state of a new run arrives its start is known already; before any engine, the whole CPU run is shown.
    return this.#status === 'starting' || this.#status === 'failed' ? this.#expected : this.#expected.slice(0, 1);
  });
  readonly #shownIndex = $derived(Math.max(0, Math.min(this.#hovered ?? this.#pinned ?? Number.POSITIVE_INFINITY, this.#steps.length - 1)));
  readonly #gainer = $derived.by(() => {
    const last = this.#expected.at(-1);
    return topGainer(this.start, this.shown, this.cast) ?? (this.shown.step === 0 && last ? topGainer(this.start, last, this.cast) : null);
  });
  readonly #story = $derived(tellStory(this.start, this.shown, this.cast));
  readonly #displaced = $derived.by(() => {
    const first = this.#steps.findIndex((step) => regimeOf(this.start, step) === 'displaced');
    const last = this.#steps.findLastIndex((step) => regimeOf(this.start, step) === 'displaced');
    return first < 0 || last <= first ? null : { from: first, to: last };
  });
  readonly #pairState = $derived.by((): PairState => {
    const [refChosen = Number.NaN, refRejected = Number.NaN] = [this.start.chosenLogps[0], this.start.rejectedLogps[0]];
    const [chosen = Number.NaN, rejected = Number.NaN] = [this.shown.chosenLogps[0], this.shown.rejectedLogps[0]];
    return { chosen, rejected, refChosen, refRejected };
  });
  readonly #objective = $derived(viewObjective(this.#settings.objective));
  readonly #forces = $derived(forcesOf(this.#settings.objective));
  readonly #startForces = $derived.by(() => {
    const { refChosen, refRejected } = this.#pairState;
    return this.#forces({ refChosen, refRejected, chosen: refChosen, rejected: refRejected });
  });
  readonly #theory = $derived(
    firstOrder(
      toyPolicy(this.#settings.scale, this.#settings.train, this.#settings.vectors),
      this.cast.chosen,
      this.cast.rejected,
      this.#startForces,
    ),
  );
  /** at the toy's own scale, c = 1: the scale that the slider multiplies */
  readonly #flipScale = $derived(flipScale(toyPolicy(1, 'both', this.#settings.vectors), chosenToken, rejectedToken, this.#startForces));

  private constructor(oracle: Engine, expected: readonly RecordedStep[], calm: boolean) {
    this.#oracle = oracle;
    this.#expected = expected;
    this.#calm = calm;
    this.#instant = calm;
  }

  /** Trains the toy on the CPU engine, so that there is something to show before the GPU has started. */
  static async create(options: { choice?: EngineChoice; calm?: boolean; link?: LinkState } = {}): Promise<Session> {
    const { settings = defaultSettings, step = null } = options.link ?? {};
    const oracle = await openEngine({ backend: 'cpu' });
    const { steps } = await oracle.train(noOverNever(settings));
    const session = new Session(oracle, finitePart(steps), options.calm ?? false);
    session.#choice = options.choice ?? 'auto';
    session.#settings = settings;
    session.#lookAt(step);
    return session;
  }

  get settings(): ToySettings {
    return this.#settings;
  }
  get speed(): number {
    return this.#speed;
  }
  get status(): Status {
    return this.#status;
  }
  get engine(): PageEngine | null {
    return this.#engine;
  }
  get choice(): EngineChoice {
    return this.#choice;
  }
  get opening(): boolean {
    return this.#opening;
  }
  get problem(): string | null {
    return this.#problem;
  }
  get notice(): string | null {
    return this.#notice;
  }
  /** every state of the run so far; the index is the step */
  get steps(): readonly RecordedStep[] {
    return this.#steps;
  }
  /** the same run on the float64 CPU engine, whole */
  get expected(): readonly RecordedStep[] {
    return this.#expected;
  }
  get start(): RecordedStep {
    const start = this.#steps[0] ?? this.#expected[0];
    if (!start) throw new Error('The toy has no start: the CPU engine returned no finite state.');
    return start;
  }
  /** the state that every view shows */
  get shown(): RecordedStep {
    return this.#steps[this.#shownIndex] ?? this.start;
  }
  /** the update at which the numbers overflowed; the states end before it */
  get divergedAt(): number | null {
    return this.#divergedAt;
  }
  get agreement(): Agreement | null {
    return this.#agreement;
  }
  get gainer(): number | null {
    return this.#gainer;
  }
  get story(): ReturnType<typeof tellStory> {
    return this.#story;
  }
  /** first and last step at which the chosen answer is below its start although the loss is, too */
  get displaced(): { from: number; to: number } | null {
    return this.#displaced;
  }
  /** the objective that trains, with its parameters */
  get objective(): ObjectiveView {
    return this.#objective;
  }
  /** log-probs of the pair in the state shown, and in the reference */
  get pairState(): PairState {
    return this.#pairState;
  }
  /** loss and forces of the objective at a state of the pair */
  get forces(): ReturnType<typeof forcesOf> {
    return this.#forces;
  }
  /** the c at which the chosen answer's first move changes sign; null where it does not */
  get flipScale(): number | null {
    return this.#flipScale;
  }
  get theory(): ReturnType<typeof firstOrder> {
    return this.#theory;
  }

  /** Opens an engine and plays the run on it. The present run goes on until the new engine is there. */
  async open(choice: EngineChoice = this.#choice): Promise<void> {
    const opening = ++this.#openings;
    this.#choice = choice;
    this.#opening = true;
    let engine: PageEngine;
    let notice: string | null = null;
    try {
      engine = await openPageEngine({ backend: choice });
      notice = engine.fallbackReason;
    } catch (error) {
      notice = messageOf(error);
      engine = await openPageEngine({ backend: 'cpu' });
    }
    if (opening !== this.#openings) {
      engine.dispose(); // the reader chose again meanwhile
      return;
    }
    const old = this.#engine;
    this.#engine = engine;
    this.#notice = notice;
    this.#opening = false;
    void engine.lost.then((error) => this.#onLost(engine, error));
    this.#enqueue(() => old?.dispose());
    this.onEngine();
    const step = this.#pinned;
    this.restart();
    this.#lookAt(step);
  }

  /** Trains from the same start again, with the present settings. */
  restart(): void {
    const generation = ++this.#generation;
    this.#history = [];
    this.#divergedAt = null;
    this.#agreement = null;
    this.#pinned = null;
    this.#hovered = null;
    this.#problem = null;
    this.#stepsAsked = 0;
    this.#status = this.#engine ? 'playing' : 'starting';
    this.#wake();
    this.#enqueue(() => this.#drive(generation));
  }

  /** Back to the start, without training on. */
  reset(): void {
    this.restart();
    if (this.#engine) this.#status = 'paused';
  }

  change(change: Partial<ToySettings>): void {
    const next = changeSettings(this.#settings, change);
    const now = performance.now();
    // A drag or a slide is one change, however many settings it passes through.
    if (now - this.#changedAt > oneChange) this.#past = [...this.#past.slice(1 - mostUndone), this.#settings];
    this.#changedAt = now;
    this.#future = [];
    this.#apply(next);
  }

  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }
  undo(): void {
    const previous = this.#past.at(-1);
    if (!previous) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [this.#settings, ...this.#future];
    this.#changedAt = Number.NEGATIVE_INFINITY;
    this.#apply(previous);
  }
  redo(): void {
    const [next, ...rest] = this.#future;
    if (!next) return;
    this.#future = rest;
    this.#past = [...this.#past, this.#settings];
    this.#changedAt = Number.NEGATIVE_INFINITY;
    this.#apply(next);
  }

  #apply(settings: ToySettings): void {
    this.#settings = settings;
    this.#instant = this.#calm;
    this.restart();
  }

  /**
   * Trains with another objective of the catalogue, at the step size at which its first update pushes the pair as hard as the default
   * run's does: forces of objectives differ by orders of magnitude, and most would diverge, or stand still, at DPO's step size.
   */
  choose(objective: PageChoice): void {
    const { refChosen, refRejected } = this.#pairState;
    const start = { refChosen, refRejected, chosen: refChosen, rejected: refRejected };
    const known = { objective: defaultSettings.objective, learningRate: trainPresets[this.#settings.train].learningRate };
    this.change({ objective, learningRate: matchedLearningRate(objective, known, start) });
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
  }

  play(): void {
    this.#instant = false;
    this.#pinned = null;
    if (this.#status === 'paused') {
      this.#status = 'playing';
      this.#wake();
    } else if (this.#status !== 'playing') this.restart();
  }

  pause(): void {
    if (this.#status === 'playing') this.#status = 'paused';
  }

  /** One step further: through what is known already, then by one more update. */
  stepOnce(): void {
    this.pause();
    if (this.#shownIndex < this.#steps.length - 1) this.pin(this.#shownIndex + 1);
    else if (this.#status === 'paused') {
      this.#stepsAsked++;
      this.#wake();
    }
  }

  /** Every view shows this step, and playing stops. */
  pin(step: number): void {
    this.pause();
    this.#hovered = null;
    const last = this.#steps.length - 1;
    // The newest state is followed, not pinned: what comes next will be shown.
    this.#pinned = step >= last ? null : Math.max(0, Math.round(step));
  }

  /** Every view shows this step until the pointer leaves (null). */
  hover(step: number | null): void {
    this.#hovered = step;
  }

  get pointed(): string | null {
    return this.#pointed;
  }
  point(parameter: string | null): void {
    this.#pointed = parameter;
  }

  /** What a link to the present view holds. */
  get link(): LinkState {
    return { settings: this.#settings, step: this.#pinned };
  }

  /** The run and the step of a link. The same run is not trained again. */
  restore({ settings, step }: LinkState): void {
    if (JSON.stringify(settings) !== JSON.stringify(this.#settings)) this.change(settings);
    this.#lookAt(step);
  }

  /** Shows a step that may not be trained yet: the run goes there without an animation. */
  #lookAt(step: number | null): void {
    this.#pinned = step;
    if (step !== null) this.#instant = true;
  }

  /** A hidden page does not train. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#wake();
  }

  dispose(): void {
    this.#generation++;
    this.#wake();
    this.#enqueue(() => {
      this.#engine?.dispose();
      this.#oracle.dispose();
    });
  }

  #enqueue(task: () => void | Promise<void>): void {
    // An error in tidying up must not stop what comes after it.
    this.#turn = this.#turn.then(task).catch((error: unknown) => console.error(error));
  }

  /** One run from its start to its end, to a restart, or to an error. */
  async #drive(generation: number): Promise<void> {
    const engine = this.#engine;
    const stale = (): boolean => generation !== this.#generation;
    if (stale()) return;
    const experiment = noOverNever(this.#settings);
    const total = experiment.optimizer.steps;
    let run: TrainingRun | null = null;
    try {
      const { steps } = await this.#oracle.train(experiment);
      if (stale()) return;
      this.#expected = finitePart(steps);
      if (!engine) return;
      run = await engine.startRun(experiment);
      const first = await run.advance(0, [0]);
      if (stale()) return;
      this.#append(first, engine);

      let before = performance.now();
      let due = 0;
      while (run.step < total && this.#divergedAt === null) {
        const now = await nextFrame();
        if (stale()) return;
        const elapsed = Math.min(now - before, 100); // after a pause of the browser's, no burst
        before = now;
        let updates = this.#stepsAsked;
        this.#stepsAsked = 0;
        if (this.#status === 'playing' && !this.#hidden) {
          due = this.#instant ? mostUpdatesPerFrame : Math.min(due + (Math.max(0, elapsed) * this.#speed) / 1000, mostUpdatesPerFrame);
          updates += Math.floor(due);
          due -= Math.floor(due);
        } else if (updates === 0) {
          due = 0;
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          before = performance.now();
          continue;
        }
        updates = Math.min(updates, total - run.step);
        if (updates === 0) continue;
        const from = run.step;
        const recorded = await run.advance(
          updates,
          Array.from({ length: updates }, (_, index) => from + 1 + index),
        );
        if (stale()) return;
        this.#append(recorded, engine);
      }
      this.#status = 'finished';
    } catch (error) {
      if (stale()) return;
      this.#problem = messageOf(error);
      this.#status = 'failed';
    } finally {
      run?.dispose();
    }
  }

  #append(recorded: readonly RecordedStep[], engine: PageEngine): void {
    const finite = finitePart(recorded);
    const first = recorded[finite.length];
    if (first) this.#divergedAt = first.step;
    this.#history = [...this.#history, ...finite];
    if (engine.backend === 'webgpu') this.#agreement = this.#compare(finite);
  }

  #compare(recorded: readonly RecordedStep[]): Agreement | null {
    let largest = this.#agreement?.largestDifference ?? 0;
    let lastStep = this.#agreement?.lastStep ?? 0;
    for (const { step, outcomeLogps = [] } of recorded) {
      const expected = this.#expected[step]?.outcomeLogps;
      if (!expected) continue; // the CPU's run overflowed before
      lastStep = step;
      outcomeLogps.forEach((logp, index) => {
        largest = Math.max(largest, Math.abs(logp - (expected[index] ?? Number.NaN)));
      });
    }
    return { largestDifference: largest, lastStep };
  }

  #onLost(engine: PageEngine, error: Error): void {
    if (this.#engine !== engine) return; // given up on purpose
    this.#generation++;
    this.#wake();
    this.#turn = Promise.resolve(); // a call to a lost device may never be answered
    this.#problem = `The GPU device was lost: ${messageOf(error)}`;
    this.#status = 'failed';
  }
}
