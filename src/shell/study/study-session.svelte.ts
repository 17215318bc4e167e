import { judgeClaim } from '../../atlas/judge-claim.ts';
import { courses, fillTable, isCurve, placesOf, runCurves, type StudyCurve, type StudyEngine, withArms } from '../../atlas/run-study.ts';
import { type Shipped, type ShippedResult, shipped } from '../../atlas/shipped.ts';
import { defaultsOf, drawnArms, type Study, type StudyPlot, type StudyTable, type Values } from '../../atlas/study.ts';
import { messageOf } from '../../core/message-of.ts';
import { Turns } from '../engine/turns.ts';
import { type Judged, tableOf } from './judged.ts';

/** Milliseconds of work that begin without being asked for. */
const longestUnasked = 20_000;
/** Milliseconds that a curve takes at most which nobody has asked for. */
const longestCurve = 5000;
/** Milliseconds that the other seeds of an answer’s lines take at most, once those of the table are trained. */
const longestRest = 25_000;
/** Seeds of the first picture, where there is time for so many, and of the first curve. */
const coarse = 3;
/** Milliseconds of the CPU engine that the first picture is made of, where a seed takes no longer. */
const firstPicture = 2000;
/** Milliseconds after the last move of a slider before anything is trained again. */
const pause = 200;

type Engine = StudyEngine & { readonly backend: 'webgpu' | 'cpu' };
interface Begun extends Pick<Judged, 'backend'> {
  readonly values: Values;
  readonly seed: number;
}

/** One study, as it shipped and as it is trained here. */
export class StudySession {
  readonly study: Study;
  /** what is drawn of it, its own plot or others: their lines come before the seeds */
  readonly plots: readonly StudyPlot[];
  readonly #linesFirst: boolean;
  readonly shipped: Shipped | undefined;
  readonly #engine: () => Engine | null;
  #values = $state.raw<Values>({});
  #seed = $state(1);
  #table = $state.raw<StudyTable | null>(null);
  /** the drawn arms of the first seed, while its others are trained */
  #preview = $state.raw<StudyTable | null>(null);
  #trained = $state.raw<Begun | null>(null);
  #curves = $state.raw<readonly (StudyCurve | null)[] | null>(null);
  #curveSeeds = $state(0);
  /** what was there before the last change */
  #before = $state.raw<StudyTable | null>(null);
  #state = $state<'idle' | 'running' | 'stopped' | 'failed'>('idle');
  #share = $state(0);
  #problem = $state('');
  /** what of a link could not be used */
  refused = $state('');
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hidden: boolean;
  /** a run that is given up ends before the next one begins */
  readonly #turns = new Turns();
  /** the reader has asked for all seeds, however long they take */
  #asked = false;

  constructor(
    study: Study,
    engine: () => Engine | null,
    {
      values,
      seed,
      hidden,
      plots,
    }: { values: readonly (readonly [string, number])[]; seed: number; hidden: boolean; plots?: readonly StudyPlot[] },
  ) {
    this.study = study;
    this.plots = plots ?? [study.plot];
    this.#linesFirst = plots !== undefined;
    this.shipped = shipped[study.id];
    this.#engine = engine;
    this.#hidden = hidden;
    this.#take(values, seed);
    this.#begin();
  }

  get values(): Values {
    return this.#values;
  }
  /** the first seed */
  get seed(): number {
    return this.#seed;
  }
  /** parameters that are not at their defaults */
  get changed(): readonly (readonly [string, number])[] {
    const usual = defaultsOf(this.study);
    return Object.entries(this.#values).filter(([name, value]) => value !== usual[name]);
  }
  get isUsual(): boolean {
    return this.changed.length === 0 && this.#seed === 1;
  }
  /** parameters have been moved: claims are made for others */
  get isMoved(): boolean {
    return this.changed.length > 0;
  }
  /** all seeds of these values are trained, or shipped: a verdict is one only then */
  get isDecided(): boolean {
    return this.isUsual || this.seedsHere >= this.study.seeds.page;
  }
  get state(): 'idle' | 'running' | 'stopped' | 'failed' {
    return this.#state;
  }
  /** of the run under way, 0 to 1 */
  get share(): number {
    return this.#share;
  }
  get problem(): string {
    return this.#problem;
  }
  /** over updates or a parameter, where the first plot is of that kind: a quick one comes by itself, another when the reader asks for it */
  get curve(): StudyCurve | null {
    return this.curveOf(0);
  }
  /** the same of another plot */
  curveOf(plot: number): StudyCurve | null {
    return this.#curves?.[plot] ?? null;
  }
  /** the curves are quick enough to come by themselves */
  get bringsCurves(): boolean {
    return curveTime(this.study, this.shipped?.engines.cpu, this.plots) <= longestCurve;
  }
  /** a plot has a curve that has not been trained */
  get lacksCurve(): boolean {
    return this.#curves === null && this.plots.some(isCurve);
  }
  /** The seeds that lines are drawn over in the end: all of an answer’s, which says what comes out over all, where these are quick enough. */
  get #curveGoal(): number {
    const { page } = this.study.seeds;
    if (!this.#linesFirst || !this.bringsCurves) return Math.min(coarse, page);
    const rest = (curveTime(this.study, this.shipped?.engines.cpu, this.plots) * (page - coarse)) / coarse;
    return this.#asked || rest <= longestRest ? page : Math.min(coarse, page);
  }
  /** all seeds of the table are trained, and lines over as many are on their way */
  get isDrawingOn(): boolean {
    return this.#state === 'running' && this.seedsHere >= this.study.seeds.page && this.#curveSeeds < this.#curveGoal;
  }
  get before(): StudyTable | null {
    return this.#before;
  }

  /** What shipped, where the parameters are as they were then. */
  get #shippedResult(): ShippedResult | undefined {
    return this.isUsual ? this.shipped?.engines.cpu : undefined;
  }

  readonly #asShipped: Judged | null = $derived.by(() => {
    const kept = this.#shippedResult;
    if (!kept) return null;
    const table = tableOf(kept);
    return { table, backend: 'cpu', from: 'shipped', claims: this.study.claims.map((claim) => judgeClaim(claim, table)) };
  });

  /** What the verdicts are of: what was trained here once all seeds are, and before that what shipped, where something did. */
  readonly verdicts: Judged | null = $derived.by(() =>
    this.#asShipped && this.seedsHere < this.study.seeds.page ? this.#asShipped : this.result,
  );

  /** What there is to see: what was trained here, else what shipped; null where there is neither. */
  readonly result: Judged | null = $derived.by(() => {
    const { claims } = this.study;
    const table = this.#table ?? this.#preview;
    if (table && this.#trained) {
      const { backend } = this.#trained;
      return { table, backend, from: 'here', claims: this.#table ? claims.map((claim) => judgeClaim(claim, table, backend)) : [] };
    }
    return this.#asShipped;
  });

  /** Seeds that were trained here so far. */
  get seedsHere(): number {
    return this.#table ? seedsIn(this.#table) : 0;
  }
  /** Milliseconds that all seeds took where the results were made; null where that is not known. */
  get milliseconds(): number | null {
    return this.shipped?.engines.cpu?.milliseconds ?? null;
  }
  /** Whether the rest of the seeds waits for the reader. */
  get isWaiting(): boolean {
    return this.#state !== 'running' && this.seedsHere < this.study.seeds.page;
  }

  /** A parameter is moved: what it changes is trained again, a few seeds first. */
  set(name: string, value: number): void {
    this.#change({ ...this.#values, [name]: value }, this.#seed);
  }
  /** Other draws. */
  reseed(seed: number): void {
    this.#change(this.#values, seed);
  }
  /** Everything as the study has it. */
  reset(): void {
    this.#change(defaultsOf(this.study), 1);
  }

  #change(values: Values, seed: number): void {
    this.#stop('idle');
    this.#before = this.result?.table ?? this.#before;
    [this.#values, this.#seed, this.#table, this.#curves, this.#asked, this.#problem] = [values, seed, null, null, false, ''];
    this.#curveSeeds = 0;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), pause);
  }

  restore(values: readonly (readonly [string, number])[], seed: number): void {
    const before = JSON.stringify([this.changed, this.#seed]);
    this.#take(values, seed);
    if (JSON.stringify([this.changed, this.#seed]) !== before) this.#change(this.#values, this.#seed);
  }

  #take(values: readonly (readonly [string, number])[], seed: number): void {
    const taken: Record<string, number> = { ...defaultsOf(this.study) };
    const refused: string[] = [];
    for (const [name, value] of values) {
      const parameter = this.study.parameters[name];
      const fits = parameter && value >= parameter.min && value <= parameter.max && (!parameter.integer || Number.isInteger(value));
      if (fits) taken[name] = value;
      else if (!parameter) refused.push(`This toy has no parameter “${name}”.`);
      else
        refused.push(`${name} = ${value} is not ${parameter.integer ? 'a whole number ' : ''}from ${parameter.min} to ${parameter.max}.`);
    }
    [this.#values, this.#seed, this.refused] = [taken, seed, refused.join(' ')];
  }

  /** Trains what begins by itself: all seeds of a quick study, a few of a slower one, none where even these take long. */
  #begin(): void {
    const each = (this.milliseconds ?? 0) / (this.shipped?.engines.cpu?.seeds ?? this.study.seeds.page);
    const few = Math.min(coarse, this.study.seeds.page);
    const goal = this.#asked || each * this.study.seeds.page <= longestUnasked ? this.study.seeds.page : few;
    if (this.#asked || each * few <= longestUnasked) void this.#run(goal);
  }

  /** All seeds, however long they take. */
  runAll(): void {
    this.#asked = true;
    if (this.seedsHere >= this.study.seeds.page) this.#table = null; // once more
    this.#begin();
  }

  cancel(): void {
    this.#stop('stopped');
  }

  #stop(state: 'idle' | 'stopped'): void {
    clearTimeout(this.#timer);
    if (this.#state === 'running') this.#state = state;
    this.#abort?.abort();
    [this.#abort, this.#preview] = [null, null];
  }

  /** Nobody sees it. */
  rest(): void {
    this.#hidden = true;
    this.#stop('idle');
  }
  /** Somebody does again. */
  wake(): void {
    this.#hidden = false;
    const lacksLines = this.bringsCurves && this.#curveSeeds < this.#curveGoal;
    if (this.#state === 'idle' && (this.seedsHere < this.study.seeds.page || lacksLines)) this.#begin();
  }
  changeEngine(): void {
    this.#stop('idle');
    [this.#table, this.#curves, this.#curveSeeds] = [null, null, 0];
    this.#begin();
  }

  async #run(goal: number): Promise<void> {
    const engine = this.#engine();
    if (!engine || this.#hidden || this.#state === 'running') return;
    const abort = new AbortController();
    this.#abort = abort;
    [this.#state, this.#share, this.#problem] = ['running', this.seedsHere / goal, ''];
    const begun: Begun = { values: this.#values, seed: this.#seed, backend: engine.backend };
    try {
      const first = firstPart(this.study, this.shipped?.engines.cpu);
      if (this.#linesFirst) {
        // one seed is seen at once
        for (const seeds of [1, coarse]) await this.#drawCurves(engine, begun, abort, seeds);
        if (abort.signal.aborted) return;
      }
      while (this.seedsHere < goal) {
        const from = this.seedsHere;
        const seeds = Math.min(goal - from, from === 0 ? first.seeds : Math.max(from, coarse));
        const all = Object.keys(this.study.arms);
        const parts = from === 0 ? [first.arms, all.filter((arm) => !first.arms.includes(arm))].filter(({ length }) => length > 0) : [all];
        let trained: StudyTable = {};
        for (const arms of parts) {
          const before = Object.keys(trained).length;
          const part = await this.#turns.take(() =>
            fillTable(withArms(this.study, arms), engine, {
              seeds,
              seed: begun.seed + from,
              values: begun.values,
              signal: abort.signal,
              onProgress: (done, total) => {
                if (!abort.signal.aborted) this.#share = (from + (seeds * (before + (arms.length * done) / total)) / all.length) / goal;
              },
            }),
          );
          if (abort.signal.aborted) return;
          trained = { ...trained, ...part };
          [this.#trained, this.#preview] = [begun, trained];
        }
        const part = Object.fromEntries(all.map((arm) => [arm, trained[arm] ?? {}]));
        [this.#table, this.#preview] = [this.#table ? joined(this.#table, part) : part, null];
        await this.#drawCurves(engine, begun, abort, coarse);
        if (abort.signal.aborted) return;
      }
      if (this.seedsHere >= this.study.seeds.page) await this.#drawCurves(engine, begun, abort, this.#curveGoal);
      if (abort.signal.aborted) return;
      [this.#state, this.#share] = ['idle', 1];
    } catch (error) {
      if (abort.signal.aborted) return;
      [this.#state, this.#problem] = ['failed', messageOf(error)];
    }
  }

  /** Curves of so many seeds, where they are quick: those that are missing are trained. */
  async #drawCurves(engine: Engine, begun: Begun, abort: AbortController, wanted: number): Promise<void> {
    const [from, seeds] = [this.#curveSeeds, Math.min(wanted, this.study.seeds.page)];
    if (from >= seeds || !this.plots.some(isCurve)) return;
    if (!this.bringsCurves) return;
    const isRest = this.seedsHere >= this.study.seeds.page;
    const part = await this.#drawn(engine, { ...begun, seed: begun.seed + from }, abort, seeds - from, (share) => {
      if (isRest) this.#share = share;
    });
    if (abort.signal.aborted) return;
    const curves = part.map((curve, plot) => joinedCurves(this.curveOf(plot), curve));
    [this.#curves, this.#curveSeeds] = [curves, seeds];
  }

  /** The curves that the plots ask for, with few seeds: the shown arms are trained at each of their places. */
  #drawn(
    engine: Engine,
    { seed, values }: Pick<Begun, 'seed' | 'values'>,
    { signal }: AbortController,
    seeds: number,
    onshare?: (share: number) => void,
  ): Promise<(StudyCurve | null)[]> {
    return this.#turns.take(() =>
      runCurves(this.study, this.plots, engine, {
        seeds: Math.min(seeds, this.study.seeds.page),
        seed,
        values,
        signal,
        onProgress: (done, total) => {
          if (!signal.aborted) onshare?.(done / total);
        },
      }),
    );
  }

  /** The curves, because the reader asks for them. */
  async trace(): Promise<void> {
    const engine = this.#engine();
    if (!engine) return;
    this.#stop('idle');
    const abort = new AbortController();
    this.#abort = abort;
    [this.#state, this.#share, this.#problem] = ['running', 0, ''];
    try {
      const curves = await this.#drawn(engine, { seed: this.#seed, values: this.#values }, abort, coarse, (share) => {
        this.#share = share;
      });
      if (abort.signal.aborted) return;
      [this.#curves, this.#curveSeeds, this.#state] = [curves, coarse, 'idle'];
    } catch (error) {
      if (abort.signal.aborted) return;
      [this.#state, this.#problem] = ['failed', messageOf(error)];
    }
  }
}

/**
 * About how many milliseconds the curves of some plots take, by the time that the study took where the results were made, as if all its
 * arms took the same; infinite where there is no curve, or where nothing is known.
 */
export function curveTime(
  study: Pick<Study, 'plot' | 'arms'>,
  made: Pick<ShippedResult, 'milliseconds' | 'seeds'> | undefined,
  plots: readonly StudyPlot[] = [study.plot],
): number {
  const { arms } = study;
  const all = courses(plots);
  if (!made || all.length === 0) return Number.POSITIVE_INFINITY;
  const runs = all.map(([first, ...others]) => {
    if (!first) return 0;
    const places = placesOf(first);
    const trained = new Set([first, ...others].flatMap((plot) => drawnArms({ plot, arms }))).size / Object.keys(arms).length;
    return trained * (first.kind === 'law' ? places.length : places.reduce((sum, at) => sum + at, 0) / Math.max(...places));
  });
  return ((Math.min(coarse, made.seeds) * made.milliseconds) / made.seeds) * runs.reduce((sum, each) => sum + each, 0);
}

/**
 * What the first picture is made of: a few seeds, fewer where they took long where the results were made, and of a seed that takes too long
 * by itself the arms that are drawn.
 */
export function firstPart(
  study: Pick<Study, 'plot' | 'arms'>,
  made: Pick<ShippedResult, 'milliseconds' | 'seeds'> | undefined,
): { seeds: number; arms: readonly string[] } {
  const fit = made ? Math.floor((firstPicture * made.seeds) / made.milliseconds) : 1;
  return { seeds: Math.max(1, Math.min(coarse, fit)), arms: fit < 1 ? drawnArms(study) : Object.keys(study.arms) };
}

const seedsIn = (table: StudyTable): number => Object.values(Object.values(table)[0] ?? {})[0]?.length ?? 0;

/** The seeds of one curve behind those of another, at each place. */
export const joinedCurves = (a: StudyCurve | null, b: StudyCurve | null): StudyCurve | null =>
  a && b
    ? Object.fromEntries(Object.entries(a).map(([line, places]) => [line, places.map((seeds, k) => [...seeds, ...(b[line]?.[k] ?? [])])]))
    : b;

/** The seeds of one table behind those of another. */
const joined = (a: StudyTable, b: StudyTable): StudyTable =>
  Object.fromEntries(
    Object.entries(a).map(([arm, columns]) => [
      arm,
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, [...values, ...(b[arm]?.[name] ?? [])]])),
    ]),
  );
