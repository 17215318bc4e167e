/** A run of the session: settings and states, whatever these are for the view. */
export interface KeptRun<Settings, State> {
  /** counts from 1 through the session */
  readonly number: number;
  readonly settings: Settings;
  /** of the run kept before it: it is named by what changed; null: it was the first */
  readonly before: Settings | null;
  readonly states: readonly State[];
  readonly engine: 'webgpu' | 'cpu';
  /** trained to its last update, or to where it overflowed */
  readonly finished: boolean;
}

/** A run that is about to be kept. */
export type NewRun<Settings, State> = Omit<KeptRun<Settings, State>, 'number' | 'before'>;

/** What has runs, and present settings that may be those of one of them. */
export interface RunKeeper<Settings, State> {
  readonly settings: Settings;
  readonly runs: RunHistory<Settings, State>;
  /** the runs that are compared with the present one */
  readonly compared: readonly KeptRun<Settings, State>[];
  /** Goes back to the settings of a run. */
  adopt(settings: Settings): void;
}

/** Runs and states over all runs that are kept: the oldest go first. */
export const mostRuns = 40;
export const mostStates = 40_000;
/** Runs that are compared at a time with the present one: more could not be told apart. */
export const mostCompared = 4;
/** A run that gave way to another within this time was passed through, as on a slider's way: it is not kept. Milliseconds. */
export const passedThrough = 700;

/** Every run of a session; some of them compared. What is said of runs, and their file, is a `RunKind`'s: it is not needed to keep them. */
export class RunHistory<Settings, State> {
  /** settings as text, the same for the same settings */
  readonly write: (settings: Settings) => string;
  #runs = $state.raw<readonly KeptRun<Settings, State>[]>([]);
  #compared = $state.raw<readonly number[]>([]);
  #dropped = $state(0);
  #count = 0;

  constructor(write: (settings: Settings) => string) {
    this.write = write;
  }

  /** oldest first */
  get runs(): readonly KeptRun<Settings, State>[] {
    return this.#runs;
  }
  /** runs that were given up to keep the session small */
  get dropped(): number {
    return this.#dropped;
  }
  /** the runs that are compared, in the order in which they were chosen */
  get compared(): readonly KeptRun<Settings, State>[] {
    return this.#compared.flatMap((number) => this.#runs.find((run) => run.number === number) ?? []);
  }
  /** the same without the run with these settings */
  comparedWith(present: Settings): readonly KeptRun<Settings, State>[] {
    return this.compared.filter(({ settings }) => !this.isSame(settings, present));
  }
  /** Two settings are those of the same run. */
  isSame(a: Settings, b: Settings): boolean {
    return this.write(a) === this.write(b);
  }
  isCompared(number: number): boolean {
    return this.#compared.includes(number);
  }

  /** Adds a run to the comparison or takes it out. The one chosen longest ago makes room. */
  compare(number: number, wanted: boolean): void {
    const others = this.#compared.filter((other) => other !== number);
    this.#compared = wanted ? [...others.slice(1 - mostCompared), number] : others;
  }

  /** The run with these settings and the most states; undefined where there is none. */
  find(settings: Settings): KeptRun<Settings, State> | undefined {
    return this.#runs.find((run) => this.isSame(run.settings, settings));
  }

  /** Keeps a run. One with the same settings is the same run again: the longer one stays, in its place. */
  keep(run: NewRun<Settings, State>): KeptRun<Settings, State> {
    const known = this.find(run.settings);
    if (known) {
      const longer = run.states.length >= known.states.length ? { ...known, ...run } : known;
      this.#runs = this.#runs.map((other) => (other === known ? longer : other));
      return longer;
    }
    const kept = { ...run, number: ++this.#count, before: this.#runs.at(-1)?.settings ?? null };
    this.#runs = [...this.#runs, kept];
    this.#makeRoom();
    return kept;
  }

  remove(number: number): void {
    this.#runs = this.#runs.filter((run) => run.number !== number);
    this.#compared = this.#compared.filter((other) => other !== number);
  }

  /** Gives up the oldest runs; those that are compared, and the newest, last. */
  #makeRoom(): void {
    const states = (): number => this.#runs.reduce((sum, run) => sum + run.states.length, 0);
    while (this.#runs.length > 1 && (this.#runs.length > mostRuns || states() > mostStates)) {
      const oldest = this.#runs.slice(0, -1).find(({ number }) => !this.isCompared(number)) ?? this.#runs[0];
      if (!oldest) return;
      this.remove(oldest.number);
      this.#dropped++;
    }
  }
}
