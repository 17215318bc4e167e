import { changeOf, defaultExperiment, type SharedExperiment, type Sharing } from '../shell/experiment/shared-experiment.ts';

/**
 * The experiment that the views share. A view takes what was changed since it last saw the experiment, and gives what was changed in it:
 * what a view begins with by itself is no change, and stays its own.
 */
export class OneExperiment {
  #now = $state.raw<SharedExperiment>(defaultExperiment);
  /** what each view has been shown of it, by the view's name */
  readonly #seen = new Map<string, SharedExperiment>();
  /** what the open view held when the reader came to it; null while nobody has come to one */
  #held = $state.raw<Partial<SharedExperiment> | null>(null);

  /** The experiment, with what the open view has changed of it. */
  with(sharing: Sharing | undefined): SharedExperiment {
    return this.#held === null ? this.#now : { ...this.#now, ...changeOf(sharing?.get() ?? {}, this.#held) };
  }

  /** A link has opened a view. The view's own fields are what it shows, and the experiment what the link carries beside them. */
  open(view: string, sharing: Sharing | undefined, carried: SharedExperiment): void {
    this.#now = carried;
    this.#held = sharing?.usual ?? {};
    this.#seen.clear();
    this.#seen.set(view, carried);
  }

  /** The reader leaves a view: what was changed in it is in the experiment from now on. */
  leave(view: string, sharing: Sharing | undefined): void {
    this.#now = this.with(sharing);
    if (this.#held !== null) this.#seen.set(view, this.#now);
    this.#held = null;
  }

  /** The reader comes to a view: it takes what was changed since it was last here. */
  enter(view: string, sharing: Sharing | undefined): void {
    const change = changeOf(this.#now, this.#seen.get(view) ?? defaultExperiment);
    if (sharing && Object.keys(change).length > 0) sharing.take(change);
    this.#held = sharing?.get() ?? {};
    this.#seen.set(view, this.#now);
  }
}
