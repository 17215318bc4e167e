/** Changes of one kind within this time are one step of undo, in milliseconds: a drag or a slide passes through many settings. */
const together = 700;
/** Changes that can be undone. */
const mostKept = 200;

/** What becomes of a change of settings: `next`, or what is left of it where a link locks controls. */
export type Keep<T> = (next: T, present: T) => T;

/** The settings before and after the present ones: undo and redo of a view. */
export class SettingsHistory<T> {
  #past = $state.raw<readonly T[]>([]);
  #future = $state.raw<readonly T[]>([]);
  #last = { kind: '', at: Number.NEGATIVE_INFINITY };

  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  /** what `undo` would go back to */
  get previous(): T | null {
    return this.#past.at(-1) ?? null;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }

  /**
   * Settings are about to change from `present`. Changes of one `kind` that follow each other closely are undone together, and all those of
   * one gesture, whose kind begins with 'gesture'; '' is no kind.
   */
  record(present: T, kind = ''): void {
    const now = performance.now();
    const goesOn =
      kind !== '' && kind === this.#last.kind && (kind.startsWith('gesture') || now - this.#last.at < together) && this.canUndo;
    if (!goesOn) this.#past = [...this.#past.slice(1 - mostKept), present];
    this.#last = { kind, at: now };
    this.#future = [];
  }

  /** The settings before the last change; null: there are none. */
  undo(present: T): T | null {
    const previous = this.#past.at(-1);
    if (previous === undefined) return null;
    this.#past = this.#past.slice(0, -1);
    this.#future = [present, ...this.#future];
    this.#last.kind = '';
    return previous;
  }

  /** The settings that were undone last; null: there are none. */
  redo(present: T): T | null {
    const [next, ...rest] = this.#future;
    if (next === undefined) return null;
    this.#future = rest;
    this.#past = [...this.#past, present];
    this.#last.kind = '';
    return next;
  }
}
