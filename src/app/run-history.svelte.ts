/** One thing that is said of a run's settings: where runs differ, this tells how. */
export interface RunFact {
  readonly id: string;
  readonly label: string;
  readonly text: string;
  /** how a run that differs in it is named; default: label and text */
  readonly name?: string;
}

/** A run of the session: settings and states, whatever these are for the view. */
export interface KeptRun<Settings, State> {
  /** counts from 1 through the session */
  readonly number: number;
  /** what changed since the run before it */
  readonly name: string;
  readonly settings: Settings;
  /** in ascending steps */
  readonly states: readonly State[];
  readonly engine: 'webgpu' | 'cpu';
  /** trained to its last update, or to where it overflowed */
  readonly finished: boolean;
}

/** What a history must know of a view's runs. */
export interface RunKind<Settings, State> {
  /** as files name it */
  readonly view: string;
  factsOf(settings: Settings): readonly RunFact[];
  /** Settings as text, the same for the same settings. */
  write(settings: Settings): string;
  /** Settings from such a text, which may be anybody's; or what is wrong with it. */
  read(text: string): Settings | string;
  /** A state as plain JSON, and back; or what is wrong with it. */
  writeState(state: State): unknown;
  readState(value: unknown, step: number, settings: Settings): State | string;
}

/** Runs and states over all runs that are kept: the oldest go first. */
export const mostRuns = 40;
export const mostStates = 40_000;
/** Runs that are compared at a time with the present one: more could not be told apart. */
export const mostCompared = 4;
/** Longest file that is opened, in UTF-16 units. */
const longestFile = 64_000_000;
const format = 'prefscope runs';
const version = 1;

/** What tells `settings` apart from `before`, in a few words. */
export function nameRun(facts: readonly RunFact[], before: readonly RunFact[] | null): string {
  if (!before) return 'the first run';
  const old = new Map(before.map(({ id, text }) => [id, text]));
  const changes = facts.filter(({ id, text }) => old.get(id) !== text).map(({ label, text, name }) => name ?? `${label} ${text}`);
  const present = new Set(facts.map(({ id }) => id));
  const gone = before.filter(({ id }) => !present.has(id)).map(({ label, name }) => (name ? `not ${name}` : `no ${label}`));
  const all = [...changes, ...gone];
  if (all.length === 0) return 'the same again';
  return all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : all.join(', ');
}

/** Every run of a session, named by what changed; some of them compared; written to a file and read from one. */
export class RunHistory<Settings, State> {
  readonly kind: RunKind<Settings, State>;
  #runs = $state.raw<readonly KeptRun<Settings, State>[]>([]);
  #compared = $state.raw<readonly number[]>([]);
  #dropped = $state(0);
  /** what is wrong with the last file, by field */
  #problems = $state.raw<readonly string[]>([]);
  #count = 0;

  constructor(kind: RunKind<Settings, State>) {
    this.kind = kind;
  }

  /** oldest first */
  get runs(): readonly KeptRun<Settings, State>[] {
    return this.#runs;
  }
  /** runs that were given up to keep the session small */
  get dropped(): number {
    return this.#dropped;
  }
  get problems(): readonly string[] {
    return this.#problems;
  }
  /** the runs that are compared, in the order in which they were chosen */
  get compared(): readonly KeptRun<Settings, State>[] {
    return this.#compared.flatMap((number) => this.#runs.find((run) => run.number === number) ?? []);
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
    const text = this.kind.write(settings);
    return this.#runs.find((run) => this.kind.write(run.settings) === text);
  }

  /** Keeps a run. One with the same settings is the same run again: the longer one stays, in its place. */
  keep(run: Omit<KeptRun<Settings, State>, 'number' | 'name'>): KeptRun<Settings, State> {
    const known = this.find(run.settings);
    if (known) {
      const longer = run.states.length >= known.states.length ? { ...known, ...run } : known;
      this.#runs = this.#runs.map((other) => (other === known ? longer : other));
      return longer;
    }
    const before = this.#runs.at(-1);
    const { factsOf } = this.kind;
    const kept = { ...run, number: ++this.#count, name: nameRun(factsOf(run.settings), before ? factsOf(before.settings) : null) };
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

  /** All runs as a file. */
  toJson(): string {
    const runs = this.#runs.map(({ name, settings, engine, finished, states }) => ({
      name,
      settings: this.kind.write(settings),
      engine,
      finished,
      states: states.map((state) => this.kind.writeState(state)),
    }));
    return JSON.stringify({ format, version, view: this.kind.view, runs });
  }

  /**
   * Adds the runs of a file, which may be anybody's. What cannot be read is left out and named in `problems` by field; what is there
   * already stays.
   */
  restore(text: string): void {
    const { runs, problems } = this.#read(text);
    for (const run of runs) this.keep(run);
    this.#problems = problems;
  }

  dismissProblems(): void {
    this.#problems = [];
  }

  #read(text: string): { runs: Omit<KeptRun<Settings, State>, 'number' | 'name'>[]; problems: string[] } {
    const nothing = (problem: string) => ({ runs: [], problems: [problem] });
    if (text.length > longestFile) return nothing(`The file has ${text.length} characters; at most ${longestFile} are read.`);
    let file: unknown;
    try {
      file = JSON.parse(text);
    } catch {
      return nothing('The file is not valid JSON. Save it again from this panel.');
    }
    if (!isRecord(file) || file['format'] !== format) return nothing(`The file holds no runs: its format must be "${format}".`);
    if (file['version'] !== version) return nothing(`version is ${show(file['version'])}; this page reads version ${version}.`);
    if (file['view'] !== this.kind.view) return nothing(`view is ${show(file['view'])}; runs of ${show(this.kind.view)} are read here.`);
    if (!Array.isArray(file['runs'])) return nothing('runs must be a list.');
    const runs: Omit<KeptRun<Settings, State>, 'number' | 'name'>[] = [];
    const problems: string[] = [];
    for (const [index, described] of file['runs'].slice(0, mostRuns).entries()) {
      const run = this.#readRun(described);
      if (typeof run === 'string') problems.push(`runs[${index}]${run}`);
      else runs.push(run);
    }
    if (file['runs'].length > mostRuns) problems.push(`runs holds ${file['runs'].length}; the first ${mostRuns} are read.`);
    return { runs, problems };
  }

  /** A run, or the rest of a path and what is wrong there. */
  #readRun(described: unknown): Omit<KeptRun<Settings, State>, 'number' | 'name'> | string {
    if (!isRecord(described)) return ' must be an object.';
    const { settings: text, engine, finished, states: values } = described;
    if (typeof text !== 'string') return '.settings must be a text.';
    const settings = this.kind.read(text);
    if (typeof settings === 'string') return `.settings: ${settings}`;
    if (engine !== 'webgpu' && engine !== 'cpu') return `.engine must be "webgpu" or "cpu", not ${show(engine)}.`;
    if (typeof finished !== 'boolean') return `.finished must be true or false, not ${show(finished)}.`;
    if (!Array.isArray(values) || values.length === 0 || values.length > mostStates)
      return `.states must be a list of 1 to ${mostStates} states.`;
    const states: State[] = [];
    for (const [step, value] of values.entries()) {
      const state = this.kind.readState(value, step, settings);
      if (typeof state === 'string') return `.states[${step}]${state}`;
      states.push(state);
    }
    return { settings, engine, finished, states };
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const show = (value: unknown): string => (JSON.stringify(value) ?? 'missing').slice(0, 40);
