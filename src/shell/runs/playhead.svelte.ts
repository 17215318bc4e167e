import { nextFrame } from './timeline.svelte.ts';

/** How long a run takes to play, whatever its number of updates, in milliseconds. */
const playTime = 6000;
/** What a frame counts for at most, in milliseconds: after a pause of the browser's there is no jump. */
const longestFrame = 250;
/** Without animation: so many still pictures of a run, each shown for a while. */
const still = { pictures: 20, time: 400 } as const;

export interface PlayheadOptions {
  /** no animation */
  readonly calm?: boolean;
  readonly nextFrame?: () => Promise<unknown>;
}

/** The update that all runs show: one clock for pictures that are computed already. */
export class Playhead {
  readonly #stepsOf: () => number;
  readonly #calm: boolean;
  readonly #nextFrame: () => Promise<unknown>;
  /** null: the last */
  #pinned = $state<number | null>(null);
  #playing = $state(false);
  /** counts what was asked for: a clock that sees another number stops */
  #asked = 0;

  /** `stepsOf`: the updates of a run. */
  constructor(stepsOf: () => number, options: PlayheadOptions = {}) {
    this.#stepsOf = stepsOf;
    this.#calm = options.calm ?? false;
    this.#nextFrame = options.nextFrame ?? nextFrame;
  }

  get steps(): number {
    return this.#stepsOf();
  }
  /** the update that is shown */
  get step(): number {
    return Math.min(this.#pinned ?? this.steps, this.steps);
  }
  /** null: the last, however many there are */
  get pinned(): number | null {
    return this.#pinned;
  }
  get playing(): boolean {
    return this.#playing;
  }

  /** Shows an update, or the last (null), and stands still there. */
  pin(step: number | null): void {
    this.pause();
    this.#show(step);
  }

  pause(): void {
    this.#asked++;
    this.#playing = false;
  }

  /** Plays on; from the start where the end is shown. */
  play(): void {
    const asked = ++this.#asked;
    this.#playing = true;
    if (this.step >= this.steps) this.#show(0);
    void this.#run(asked);
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  #show(step: number | null): void {
    this.#pinned = step === null || step >= this.steps ? null : Math.max(0, Math.round(step));
  }

  async #run(asked: number): Promise<void> {
    let before = performance.now();
    let exact = this.step;
    while (asked === this.#asked) {
      await this.#nextFrame();
      if (asked !== this.#asked) return;
      const now = performance.now();
      if (this.#calm && now - before < still.time) continue;
      const share = this.#calm ? 1 / still.pictures : Math.min(now - before, longestFrame) / playTime;
      before = now;
      exact += share * this.steps;
      if (exact >= this.steps) {
        this.pin(null);
        return;
      }
      this.#show(exact);
    }
  }
}
