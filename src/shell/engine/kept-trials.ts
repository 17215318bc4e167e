import type { Trial, TrialsOptions } from '../../core/trial.ts';

/** What has finished of trials, whichever engines have trained it. */
export class KeptTrials {
  readonly #given: TrialsOptions;
  readonly #finished: Map<number, Trial>;

  constructor(given: TrialsOptions) {
    this.#given = given;
    this.#finished = new Map(given.resume);
  }

  /** Options for an engine that goes on with them; it is heard while it `advances`. */
  options(advances: () => boolean): TrialsOptions {
    return {
      ...this.#given,
      resume: new Map(this.#finished),
      onPartial: (finished, fresh) => {
        if (!advances()) return;
        for (const index of fresh) this.#finished.set(index, finished.get(index) as Trial);
        this.#given.onPartial?.(this.#finished, fresh);
      },
    };
  }

  /** Keeps none of what was trained here, for a reason. */
  readonly drop = (reason: unknown): never => {
    this.#finished.clear();
    for (const [index, trial] of this.#given.resume ?? []) this.#finished.set(index, trial);
    throw reason;
  };
}
