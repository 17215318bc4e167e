import { messageOf } from '../../core/message-of.ts';
import type { Moment } from './moment.ts';
import { defaultSpeed } from './speeds.ts';

/**
 * `idle`: there is no run; `starting`: nothing is trained yet, a preview is shown at most; `cancelled`: given up by the reader, what was
 * computed stays; `failed`: the run cannot go on, `problem` says why.
 */
export type Status = 'idle' | 'starting' | 'playing' | 'paused' | 'finished' | 'cancelled' | 'failed';

/** What a run in progress is given by its timeline. */
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

export interface TimelineOptions {
  readonly hidden?: boolean | undefined;
  /** updates a second; may be infinite */
  readonly speed?: number | undefined;
  readonly nextFrame?: (() => Promise<unknown>) | undefined;
}

export const nextFrame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** The index of the state whose step is nearest. Not by d3's `bisector`: d3 would be loaded with the first view. */
function nearest(states: readonly { readonly step: number }[], step: number): number {
  const after = states.findIndex((state) => state.step >= step);
  const at = after < 0 ? states.length - 1 : after;
  const [before, here] = [states[at - 1], states[at]];
  return before && here && step - before.step < here.step - step ? at - 1 : at;
}

/** A timeline with what happens in its run. */
export type Telling = Timeline<{ readonly step: number }> & {
  readonly shown: { readonly step: number };
  readonly moments: readonly Moment[];
};

/**
 * The states of a run, in ascending steps, the one that every panel shows, and the keys of a player. A run appends its states at the
 * pace that it is given: none while it is paused, or while nobody sees it. Scrubbing computes nothing.
 */
export abstract class Timeline<State extends { readonly step: number }> {
  #status = $state<Status>('starting');
  #speed = $state(defaultSpeed);
  #recorded = $state.raw<readonly State[]>([]);
  #problem = $state<string | null>(null);
  /** index of the state that is shown; null: the newest, or what is pointed at */
  #pinned = $state<number | null>(null);
  #hovered = $state<number | null>(null);

  /** without an animation, as far as a frame allows */
  protected instant = false;
  #hidden: boolean;
  protected readonly nextFrame: () => Promise<unknown>;
  /** counts runs: one that sees another number than its own is out of date */
  #generation = 0;
  #wake: () => void = () => {};
  #stepsAsked = 0;
  /** updates that the run was given and whose states have not come yet */
  #underWay = 0;

  readonly #position = $derived.by(() =>
    Math.max(0, Math.min(this.#hovered ?? this.#pinned ?? Number.POSITIVE_INFINITY, this.steps.length - 1)),
  );
  readonly #current = $derived.by((): State | null => this.steps[this.#position] ?? null);

  protected constructor(options: TimelineOptions = {}) {
    this.#hidden = options.hidden ?? false;
    this.#speed = options.speed ?? defaultSpeed;
    this.nextFrame = options.nextFrame ?? nextFrame;
  }

  get status(): Status {
    return this.#status;
  }
  protected set status(status: Status) {
    this.#status = status;
  }
  /** why the run cannot go on */
  get problem(): string | null {
    return this.#problem;
  }
  protected set problem(problem: string) {
    this.#problem = problem;
  }
  get speed(): number {
    return this.#speed;
  }
  setSpeed(speed: number): void {
    this.#speed = speed;
  }
  /** updates a second just now: a run may slow down where it turns */
  protected get pace(): number {
    return this.#speed;
  }
  /** every state that can be shown */
  get steps(): readonly State[] {
    return this.#recorded;
  }
  /** the states that were appended */
  protected get recorded(): readonly State[] {
    return this.#recorded;
  }
  /** index of the state that is shown */
  get position(): number {
    return this.#position;
  }
  /** the state that every panel shows; null before there is any */
  protected get current(): State | null {
    return this.#current;
  }
  protected get pinned(): number | null {
    return this.#pinned;
  }

  play(): void {
    this.instant = false;
    this.#pinned = null;
    if (this.#status !== 'paused') return;
    this.#status = 'playing';
    this.#wake();
  }

  pause(): void {
    if (this.#status === 'playing') this.#status = 'paused';
  }

  /** One step further: through what is known already, then by one more update. */
  stepOnce(): void {
    this.pause();
    const next = this.steps[this.#position + 1];
    if (next) this.pin(next.step);
    else if (this.#status === 'paused') {
      this.#pinned = null;
      this.#stepsAsked++;
      this.#wake();
    }
  }

  /** the step that is shown, or is trained up to because a reader asked for it */
  get heading(): number {
    const latest = this.steps.at(-1)?.step ?? 0;
    const ahead = this.#pinned === null ? this.#stepsAsked : this.#pinned - (this.steps.length - 1);
    return ahead > 0 ? latest + ahead : (this.steps[this.#position]?.step ?? 0);
  }

  /** As `pin`, but a step that is not trained yet is trained up to, without the clock, as soon as there is a run. */
  goTo(step: number): void {
    this.pin(step);
    if (this.#status !== 'paused' && this.#status !== 'starting') return;
    const ahead = Math.max(0, step - (this.steps.at(-1)?.step ?? 0));
    if (ahead > 0) this.#pinned = this.#underWay > ahead ? this.steps.length - 1 + ahead : null;
    this.#stepsAsked = Math.max(0, ahead - this.#underWay);
    this.#wake();
  }

  /** Every panel shows this step, or the nearest that is known, and playing stops. */
  pin(step: number): void {
    this.pause();
    this.#hovered = null;
    this.#stepsAsked = 0;
    const index = nearest(this.steps, step);
    // The newest state is followed, not pinned: what comes next will be shown, unless it was asked for before.
    this.#pinned = index >= this.steps.length - 1 && this.#underWay === 0 ? null : index;
  }

  /** Every panel shows the state at this index until the pointer leaves (null). */
  hover(index: number | null): void {
    this.#hovered = index;
  }

  /** Shows the state at an index that may not be known yet; null: the newest. */
  protected show(index: number | null): void {
    this.#pinned = index;
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

  /** Another run begins: what the last one left is gone. */
  protected begin(status: Status): Pace<State> {
    this.#recorded = [];
    this.#pinned = null;
    this.#hovered = null;
    this.#problem = null;
    return this.goOn(status);
  }

  /** Another run begins, on the same states. */
  protected goOn(status: Status): Pace<State> {
    this.stop();
    this.#stepsAsked = 0;
    this.#underWay = 0;
    this.#status = status;
    return this.#pace(this.#generation);
  }

  /** Follows a run to its end, to the next, or to an error; true: to its end. */
  protected async follow(pace: Pace<State>, run: (pace: Pace<State>) => Promise<void>): Promise<boolean> {
    if (pace.stale()) return false;
    try {
      await run(pace);
      if (pace.stale() || this.#status === 'starting') return false;
      this.#status = 'finished';
      return true;
    } catch (error) {
      if (pace.stale()) return false;
      this.#problem = messageOf(error);
      this.#status = 'failed';
      return false;
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
        if (stale()) return;
        this.#underWay = 0;
        this.#recorded = [...this.#recorded, ...states];
      },
      seen: async () => {
        while (this.#hidden && !stale()) await sleep();
      },
      due: async (most) => {
        if (!stale()) this.#underWay = 0;
        while (true) {
          await this.nextFrame();
          if (stale()) return 0;
          const now = performance.now();
          const elapsed = Math.min(now - before, 100); // after a pause of the browser's, no burst
          before = now;
          let updates = Math.min(this.#stepsAsked, most);
          this.#stepsAsked -= updates;
          if (this.#status === 'playing' && !this.#hidden) {
            const gained = elapsed === 0 ? 0 : (elapsed * this.pace) / 1000; // the speed may be infinite
            owed = this.instant ? most : Math.min(owed + gained, most);
            updates += Math.floor(owed);
            owed -= Math.floor(owed);
          } else if (updates === 0) {
            owed = 0;
            await sleep();
            before = performance.now();
          }
          if (updates === 0) continue;
          this.#underWay = Math.min(updates, most);
          return this.#underWay;
        }
      },
    };
  }
}
