import type { Moment } from './moment.ts';
import { type KeptRun, passedThrough } from './run-history.svelte.ts';
import { SettingsTimeline } from './settings-timeline.svelte.ts';
import type { Pace } from './timeline.svelte.ts';

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
  /** the step that is shown; null: the newest, as far as the run goes by itself */
  readonly step: number | null;
  /** those of the runs that it is compared with; left out where there are none */
  readonly runs?: readonly Settings[];
}

/** What a player needs of its settings. */
interface RunSettings {
  readonly steps: number;
  /** the parts of a forked run that are over, in order */
  readonly past?: readonly { readonly until: number }[];
}

interface PlayerOptions<Settings> {
  /** no animation unless the reader asks for it */
  readonly calm?: boolean;
  readonly hidden?: boolean;
  /** settings as text, the same for the same settings */
  readonly write: (settings: Settings) => string;
}

/**
 * A run of a view that is trained frame by frame: changed settings train from the start. Runs that have ended are kept as far as `keptOf`
 * says; they can be forked. What is trained, and how, is the subclass's.
 */
export abstract class Player<Settings extends RunSettings, State extends { readonly step: number }, Kept = State> extends SettingsTimeline<
  Settings,
  State,
  Kept
> {
  readonly #steps = $derived.by((): readonly State[] => (this.recorded.length > 0 ? this.recorded : this.preview));
  #divergedAt = $state<number | null>(null);
  #pointed = $state<string | null>(null);
  readonly #calm: boolean;
  /** what the present run began with, and when; null: it is kept */
  #begun: { settings: Settings; at: number } | null = null;
  /** runs follow one another, so that no two calls to the engine overlap */
  #turn: Promise<void> = Promise.resolve();

  protected constructor(settings: Settings, { calm = false, hidden = false, write }: PlayerOptions<Settings>) {
    super(settings, write, { hidden });
    this.#calm = calm;
    this.instant = calm;
  }

  /** what happens in the run */
  abstract get moments(): readonly Moment[];
  /** States to show before the first of a new run. */
  protected abstract get preview(): readonly State[];
  /** Trains from the start to the end; rejects where it cannot go on. */
  protected abstract train(pace: Pace<State>): Promise<void>;
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

  /** every state of the run so far, or those to show before the first; the index is the step */
  override get steps(): readonly State[] {
    return this.#steps;
  }
  get shown(): { readonly step: number } {
    return this.current ?? { step: 0 };
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

  /** The last fork of a run: what is before it was there at once. */
  protected forkOf({ past = [], steps }: Settings): number {
    return Math.min(past.at(-1)?.until ?? 0, steps);
  }

  /** The present run has ended, or gives way to the next: it is kept, unless the reader has only passed through it. */
  #end(finished: boolean): void {
    const [begun, states] = [this.#begun, this.recorded];
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
    const settings = this.settings;
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
    return { at, possible: at > 0 && at < this.settings.steps, begin: () => this.fork(at) };
  }

  /** Settings of a forked run hold from update 0 on. */
  leaveFork(): void {
    this.change(this.forked(this.settings, 0));
  }

  /** Trains from the same start again, with the present settings. */
  restart(): void {
    this.#end(false);
    this.#begun = { settings: this.settings, at: performance.now() };
    this.#divergedAt = null;
    const pace = this.begin(this.ready ? 'playing' : 'starting');
    this.enqueue(async () => {
      if (await this.follow(pace, () => this.train(pace))) this.#end(true);
    });
  }

  /** The same on another engine: the same step is shown. */
  protected restartHere(): void {
    const step = this.pinned;
    this.restart();
    this.lookAt(step);
  }

  /** Back to the start, without training on. */
  reset(): void {
    this.restart();
    if (this.ready) this.status = 'paused';
  }

  protected changedFrom(): void {
    this.instant = this.#calm;
    this.restart();
  }

  override play(): void {
    super.play();
    if (this.status !== 'playing') this.restart();
  }

  /** the newest step, where the run stands there; null: it goes on, or has not begun */
  protected get standing(): number | null {
    return this.status === 'paused' || this.status === 'finished' ? (this.recorded.at(-1)?.step ?? null) : null;
  }

  /** What a link to the present view holds: a run that stands, ended or not, is opened where it stands. */
  get link(): PlayerLink<Settings> {
    return { settings: this.settings, step: this.pinned ?? this.standing, ...this.linkedRuns };
  }

  /** The run and the step of a link, and what it is compared with. The same run is not trained again. */
  restore({ settings, step, runs }: PlayerLink<Settings>): void {
    this.adopt(settings);
    this.lookAt(step);
    void this.compareWith(runs);
  }

  /** The run with these settings, without its fork if they have none. The same run is not trained again. */
  adopt(settings: Settings): void {
    if (!this.runs.isSame(settings, this.settings)) this.change(settings);
  }

  /** Shows a step that may not be trained yet: the run goes there without an animation. */
  protected lookAt(step: number | null): void {
    this.show(step);
    if (step !== null) this.instant = true;
  }

  /** Gives the present run up. Calls that are under way may never be answered: what comes next does not wait for them. */
  protected fail(problem: string): void {
    this.stop();
    this.#turn = Promise.resolve();
    this.problem = problem;
    this.status = 'failed';
  }

  /** Does a task after those before it. */
  protected enqueue(task: () => void | Promise<void>): void {
    // An error in tidying up must not stop what comes after it.
    this.#turn = this.#turn.then(task).catch((error: unknown) => console.error(error));
  }
}
