import { messageOf } from '../../core/message-of.ts';
import { sameFields } from '../../core/same.ts';
import type { Moment } from './moment.ts';
import type { Playback, Status } from './playback.ts';
import { type KeptRun, passedThrough, RunHistory, type RunKeeper } from './run-history.svelte.ts';
import { type Keep, SettingsHistory } from './settings-history.svelte.ts';
import { defaultSpeed } from './speeds.ts';

/** How far the engine's log-probabilities are from the float64 CPU engine's, over the steps compared. */
export interface Agreement {
  /** nats */
  readonly largestDifference: number;
  readonly lastStep: number;
  /** what rounding may add, in nats, while the run does not magnify differences */
  readonly allowance: number;
}

/** What a view's link holds of its player. */
export interface PlayerLink<Settings> {
  readonly settings: Settings;
  /** the step that is pinned; null: the newest */
  readonly step: number | null;
}

/** What a run in progress is given by its player. */
export interface Pace<State> {
  /** another run has begun: this one is to stop */
  stale(): boolean;
  /** Keeps states. */
  append(states: readonly State[]): void;
  /** Resolves when somebody sees the view, or the run is stale. */
  seen(): Promise<void>;
  /** Resolves, at most once a frame, with the number of updates that are due, at most `most`; 0: the run is stale. */
  due(most: number): Promise<number>;
}

export const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** What a player needs of its settings. */
interface RunSettings {
  readonly steps: number;
  /** the parts of a forked run that are over, in order */
  readonly past?: readonly { readonly until: number }[];
}

interface PlayerOptions<Settings> {
  readonly calm?: boolean;
  readonly hidden?: boolean;
  /** settings as text, the same for the same settings */
  readonly write: (settings: Settings) => string;
}

/**
 * A run of a view and its timeline: settings with undo, states trained frame by frame and kept, the one that every panel shows.
 * Scrubbing never retrains; changed settings train from the start. Runs that have ended are kept as far as `keptOf` says; they can be
 * compared with the present one, and forked. What is trained, and how, is the subclass's.
 */
export abstract class Player<Settings extends RunSettings, State extends { readonly step: number }, Kept = State>
  implements Playback, RunKeeper<Settings, Kept>
{
  #settings = $state.raw() as Settings;
  #speed = $state<number>(defaultSpeed);
  #status = $state<Status>('starting');
  #recorded = $state.raw<readonly State[]>([]);
  #problem = $state<string | null>(null);
  #divergedAt = $state<number | null>(null);
  #pinned = $state<number | null>(null);
  #hovered = $state<number | null>(null);
  #pointed = $state<string | null>(null);
  readonly #undone = new SettingsHistory<Settings>();
  /** every run so far */
  readonly runs: RunHistory<Settings, Kept>;
  readonly #compared = $derived.by((): readonly KeptRun<Settings, Kept>[] => this.runs.comparedWith(this.#settings));
  /** what the present run began with, and when; null: it is kept */
  #begun: { settings: Settings; at: number } | null = null;

  /** what a change leaves as it is */
  keep: Keep<Settings> = (next) => next;

  /** no animation unless the reader asks for it */
  readonly #calm: boolean;
  #instant: boolean;
  #hidden: boolean;
  /** counts restarts: a run that sees another number than its own is out of date */
  #generation = 0;
  /** runs follow one another, so that no two calls to the engine overlap */
  #turn: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};
  #stepsAsked = 0;

  readonly #steps = $derived.by((): readonly State[] => (this.#recorded.length > 0 ? this.#recorded : this.preview));
  readonly #current = $derived.by((): State | null => {
    const index = this.#hovered ?? this.#pinned ?? Number.POSITIVE_INFINITY;
    return this.#steps[Math.max(0, Math.min(index, this.#steps.length - 1))] ?? null;
  });

  protected constructor(settings: Settings, { calm = false, hidden = false, write }: PlayerOptions<Settings>) {
    this.#settings = settings;
    this.runs = new RunHistory(write);
    this.#calm = calm;
    this.#instant = calm;
    this.#hidden = hidden;
  }

  /** what happens in the run */
  abstract get moments(): readonly Moment[];
  /** States to show before the first of a new run. */
  protected abstract get preview(): readonly State[];
  /** Trains from the start to the end; rejects where it cannot go on. */
  protected abstract train(pace: Pace<State>): Promise<void>;
  /** The settings after a change. */
  protected abstract changed(settings: Settings, change: Partial<Settings>): Settings;
  /** What is kept of the states of a run. */
  protected abstract keptOf(states: readonly State[]): readonly Kept[];
  /** The settings of a run that has these settings up to an update, and may have others from there on. */
  protected abstract forked(settings: Settings, at: number): Settings;
  /** the same run on the float64 CPU engine, as far as it is known */
  abstract get expected(): readonly State[];
  protected abstract get expectedIsWhole(): boolean;
  /** what the present run trains on */
  protected abstract get trainedOn(): KeptRun<Settings, Kept>['engine'];
  /** there is an engine to train on, or one will come without a restart */
  protected get ready(): boolean {
    return true;
  }

  get settings(): Settings {
    return this.#settings;
  }
  get speed(): number {
    return this.#speed;
  }
  get status(): Status {
    return this.#status;
  }
  /** every state of the run so far; the index is the step */
  get steps(): readonly State[] {
    return this.#steps;
  }
  /** the same without the preview */
  protected get recorded(): readonly State[] {
    return this.#recorded;
  }
  /** the state that every panel shows; null before there is any */
  protected get current(): State | null {
    return this.#current;
  }
  get shown(): { readonly step: number } {
    return this.#current ?? { step: 0 };
  }
  /** why the run cannot go on */
  get problem(): string | null {
    return this.#problem;
  }
  /** the update at which the numbers overflowed; the states end before it */
  get divergedAt(): number | null {
    return this.#divergedAt;
  }
  protected set divergedAt(step: number) {
    this.#divergedAt = step;
  }
  /** the objective's parameter that the reader points at, in the formula or at its control */
  get pointed(): string | null {
    return this.#pointed;
  }
  point(parameter: string | null): void {
    this.#pointed = parameter;
  }

  /** the runs that are compared with the present one */
  get compared(): readonly KeptRun<Settings, Kept>[] {
    return this.#compared;
  }

  /** The last fork of a run: what is before it was there at once. */
  protected forkOf({ past = [], steps }: Settings): number {
    return Math.min(past.at(-1)?.until ?? 0, steps);
  }

  /** The present run has ended, or gives way to the next: it is kept, unless the reader has only passed through it. */
  #end(finished: boolean): void {
    const [begun, states] = [this.#begun, this.#recorded];
    if (!begun || states.length === 0) return;
    this.#begun = null;
    const { settings, at } = begun;
    if (finished || (performance.now() - at > passedThrough && states.length - 1 > this.forkOf(settings)))
      this.runs.keep({ settings, states: this.keptOf(states), finished, engine: this.trainedOn });
  }

  /**
   * Forks the run at an update and waits there: what is changed from now on holds from there. The run as it was is compared with; its
   * future is the float64 CPU engine's where this engine has not trained it yet.
   */
  fork(at: number): void {
    const settings = this.#settings;
    const known = this.runs.find(settings);
    const parent = known?.finished
      ? known
      : this.runs.keep({ settings, states: this.keptOf(this.expected), finished: this.expectedIsWhole, engine: 'cpu' });
    this.runs.compare(parent.number, true);
    this.change(this.forked(settings, at));
    this.pause();
  }

  /** The fork that the state shown offers. */
  get forkHere(): { readonly at: number; readonly possible: boolean; begin(): void } {
    const { step: at } = this.shown;
    return { at, possible: at > 0 && at < this.#settings.steps, begin: () => this.fork(at) };
  }

  /** Settings of a forked run hold from update 0 on. */
  leaveFork(): void {
    this.change(this.forked(this.#settings, 0));
  }

  /** Trains from the same start again, with the present settings. */
  restart(): void {
    this.#end(false);
    this.#begun = { settings: this.#settings, at: performance.now() };
    const generation = ++this.#generation;
    this.#recorded = [];
    this.#divergedAt = null;
    this.#pinned = null;
    this.#hovered = null;
    this.#problem = null;
    this.#stepsAsked = 0;
    this.#status = this.ready ? 'playing' : 'starting';
    this.#wake();
    this.enqueue(() => this.#drive(generation));
  }

  /** The same on another engine: the same step is shown. */
  protected restartHere(): void {
    const step = this.#pinned;
    this.restart();
    this.lookAt(step);
  }

  /** Back to the start, without training on. */
  reset(): void {
    this.restart();
    if (this.ready) this.#status = 'paused';
  }

  change(change: Partial<Settings>): void {
    const wanted = this.changed(this.#settings, change);
    const next = this.keep(wanted, this.#settings);
    if (next !== wanted && sameFields(next, this.#settings)) return; // it would change what stays
    this.#undone.record(this.#settings, Object.keys(change).join());
    this.#apply(next);
  }
  get canUndo(): boolean {
    return this.#undone.canUndo;
  }
  get canRedo(): boolean {
    return this.#undone.canRedo;
  }
  undo(): void {
    const previous = this.#undone.undo(this.#settings);
    if (previous) this.#apply(this.keep(previous, this.#settings));
  }
  redo(): void {
    const next = this.#undone.redo(this.#settings);
    if (next) this.#apply(this.keep(next, this.#settings));
  }

  #apply(settings: Settings): void {
    this.#settings = settings;
    this.#instant = this.#calm;
    this.restart();
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
    if (this.shown.step < this.#steps.length - 1) this.pin(this.shown.step + 1);
    else if (this.#status === 'paused') {
      this.#stepsAsked++;
      this.#wake();
    }
  }

  /** Every panel shows this step, and playing stops. */
  pin(step: number): void {
    this.pause();
    this.#hovered = null;
    // The newest state is followed, not pinned: what comes next will be shown.
    this.#pinned = step >= this.#steps.length - 1 ? null : Math.max(0, Math.round(step));
  }

  /** Every panel shows this step until the pointer leaves (null). */
  hover(step: number | null): void {
    this.#hovered = step;
  }

  /** What a link to the present view holds. */
  get link(): PlayerLink<Settings> {
    return { settings: this.#settings, step: this.#pinned };
  }

  /** The run and the step of a link. The same run is not trained again. */
  restore({ settings, step }: PlayerLink<Settings>): void {
    this.adopt(settings);
    this.lookAt(step);
  }

  /** The run with these settings, without its fork if they have none. The same run is not trained again. */
  adopt(settings: Settings): void {
    if (this.runs.write(settings) !== this.runs.write(this.#settings)) this.change(settings);
  }

  /** Shows a step that may not be trained yet: the run goes there without an animation. */
  protected lookAt(step: number | null): void {
    this.#pinned = step;
    if (step !== null) this.#instant = true;
  }

  /** A view that nobody sees does not train. */
  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#wake();
  }

  /** Ends the present run; nothing of it is shown from now on. */
  protected stop(): void {
    this.#generation++;
    this.#wake();
  }

  /** Gives the present run up. Calls that are under way may never be answered: what comes next does not wait for them. */
  protected fail(problem: string): void {
    this.stop();
    this.#turn = Promise.resolve();
    this.#problem = problem;
    this.#status = 'failed';
  }

  /** Does a task after those before it. */
  protected enqueue(task: () => void | Promise<void>): void {
    // An error in tidying up must not stop what comes after it.
    this.#turn = this.#turn.then(task).catch((error: unknown) => console.error(error));
  }

  /** One run from its start to its end, to a restart, or to an error. */
  async #drive(generation: number): Promise<void> {
    const pace = this.#pace(generation);
    if (pace.stale()) return;
    try {
      await this.train(pace);
      if (pace.stale() || this.#status === 'starting') return;
      this.#status = 'finished';
      this.#end(true);
    } catch (error) {
      if (pace.stale()) return;
      this.#problem = messageOf(error);
      this.#status = 'failed';
    }
  }

  #pace(generation: number): Pace<State> {
    const stale = (): boolean => generation !== this.#generation;
    const sleep = (): Promise<void> =>
      new Promise((resolve) => {
        this.#wake = resolve;
      });
    let before = performance.now();
    let owed = 0;
    return {
      stale,
      append: (states) => {
        if (!stale()) this.#recorded = [...this.#recorded, ...states];
      },
      seen: async () => {
        while (this.#hidden && !stale()) await sleep();
      },
      due: async (most) => {
        while (true) {
          const now = await nextFrame();
          if (stale()) return 0;
          const elapsed = Math.max(0, Math.min(now - before, 100)); // after a pause of the browser's, no burst
          before = now;
          let updates = this.#stepsAsked;
          this.#stepsAsked = 0;
          if (this.#status === 'playing' && !this.#hidden) {
            const gained = elapsed === 0 ? 0 : (elapsed * this.#speed) / 1000; // the speed may be infinite
            owed = this.#instant ? most : Math.min(owed + gained, most);
            updates += Math.floor(owed);
            owed -= Math.floor(owed);
          } else if (updates === 0) {
            owed = 0;
            await sleep();
            before = performance.now();
          }
          if (updates > 0) return Math.min(updates, most);
        }
      },
    };
  }
}
