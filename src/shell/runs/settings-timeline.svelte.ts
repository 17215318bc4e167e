import { sameFields } from '../../core/same.ts';
import { type KeptRun, RunHistory, type RunKeeper } from './run-history.svelte.ts';
import { type Keep, SettingsHistory } from './settings-history.svelte.ts';
import { Timeline, type TimelineOptions } from './timeline.svelte.ts';

/** A timeline whose run has settings, with undo, and whose runs are kept: they can be compared with the present one. */
export abstract class SettingsTimeline<Settings extends object, State extends { readonly step: number }, Kept = State>
  extends Timeline<State>
  implements RunKeeper<Settings, Kept>
{
  #held = $state.raw() as Settings;
  #undone = $state.raw(new SettingsHistory<Settings>());
  /** every run so far */
  readonly runs: RunHistory<Settings, Kept>;
  readonly #compared = $derived.by((): readonly KeptRun<Settings, Kept>[] => this.runs.comparedWith(this.#held));

  /** the runs of a link, until all of them are compared */
  #awaited = $state.raw<readonly Settings[] | null>(null);

  /** what a change leaves as it is */
  keep: Keep<Settings> = (next) => next;

  /** `write`: settings as text, the same for those of the same run */
  protected constructor(settings: Settings, write: (settings: Settings) => string, options?: TimelineOptions) {
    super(options);
    this.#held = settings;
    this.runs = new RunHistory(write);
  }

  /** The settings have changed from these. */
  protected abstract changedFrom(before: Settings): void;
  /** The settings after a change. */
  protected changed(settings: Settings, change: Partial<Settings>): Settings {
    return { ...settings, ...change };
  }
  abstract adopt(settings: Settings): void;
  /** A whole run beside the present one, as it is kept. */
  protected abstract trainApart(settings: Settings): Promise<Pick<KeptRun<Settings, Kept>, 'states' | 'engine'>>;

  get settings(): Settings {
    return this.#held;
  }
  /** the settings without what is only tried; set, they are no change to undo */
  protected get held(): Settings {
    return this.#held;
  }
  protected set held(settings: Settings) {
    this.#held = settings;
  }
  /** the runs that are compared with the present one */
  get compared(): readonly KeptRun<Settings, Kept>[] {
    return this.#compared;
  }
  /** their settings, for a link; nothing where there are none */
  protected get linkedRuns(): { readonly runs?: readonly Settings[] } {
    const runs = this.#awaited ?? this.#compared.map(({ settings }) => settings);
    return runs.length > 0 ? { runs } : {};
  }
  /** Compares with the runs of a link, and with no others. */
  protected async compareWith(runs: readonly Settings[] = []): Promise<void> {
    for (const { number } of this.runs.compared) this.runs.compare(number, false);
    this.#awaited = runs.length > 0 ? runs : null;
    if (runs.length === 0) return;
    const isStale = (): boolean => this.#awaited !== runs;
    const { compareAgain } = await import('./compare-again.ts');
    await compareAgain(this.runs, runs, (settings) => this.trainApart(settings), isStale);
    if (!isStale()) this.#awaited = null;
  }
  get canUndo(): boolean {
    return this.#undone.canUndo;
  }
  /** the settings that undo goes back to; null: there are none */
  protected get settingsBefore(): Settings | null {
    return this.#undone.previous;
  }
  get canRedo(): boolean {
    return this.#undone.canRedo;
  }

  /** Changes settings. Changes of one `kind` that follow each other closely are undone together. */
  change(change: Partial<Settings>, kind = Object.keys(change).join()): void {
    const wanted = this.changed(this.#held, change);
    const next = this.keep(wanted, this.#held);
    if (next !== wanted && sameFields(next, this.#held)) return; // it would change what stays
    this.apply(next, kind);
  }
  /** The same without asking what stays. */
  protected apply(next: Settings, kind: string): void {
    this.#undone.record(this.#held, kind);
    this.#go(next);
  }
  /** Settings that the present ones are a change of, though nobody has trained them here: undo goes back to them. */
  protected passThrough(settings: Settings): void {
    this.#undone.record(this.#held);
    this.#held = settings;
  }
  undo(): void {
    const previous = this.#undone.undo(this.#held);
    if (previous) this.#go(this.keep(previous, this.#held));
  }
  redo(): void {
    const next = this.#undone.redo(this.#held);
    if (next) this.#go(this.keep(next, this.#held));
  }

  /** Puts the settings and what undo goes back to aside. What it returns brings both back, whatever has been changed since, and is locked. */
  aside(): () => void {
    const [held, undone] = [this.#held, this.#undone];
    this.#undone = new SettingsHistory();
    return () => {
      this.#undone = undone;
      this.#go(held);
    };
  }

  #go(settings: Settings): void {
    const before = this.#held;
    this.#held = settings;
    this.changedFrom(before);
  }
}
