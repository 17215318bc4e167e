import type { RecordedStep } from '../../core/experiment.ts';
import { messageOf } from '../../core/message-of.ts';
import { sameFields } from '../../core/same.ts';
import { overOf } from '../../objectives/over.ts';
import type { EngineCalls } from '../../shell/engine/page-engine.ts';
import { changeOf, experimentOf, type SharedExperiment } from '../../shell/experiment/shared-experiment.ts';
import { type ObjectiveView, type PageChoice, viewObjective, withBetaOf } from '../../shell/losses/objective-view.ts';
import { MapPlane } from './map-plane.svelte.ts';
import { isTold } from './map-replay.ts';
import { isPaceKnown, longestWait, secondsFor, type TimedRuns } from './map-wait.ts';
import { isSharedToy, type ReadersRun, readersRun } from './readers-run.ts';
import { type AxisChoice, adoptable, axesOf, cellValues, type MapAxis, plainAxis, positionOf, shapedAxis } from './toys/map-axes.ts';
import { defaultThresholds, type MapMetric, metricsOf, type RegimeThresholds } from './toys/map-metrics.ts';
import { seedAt, seedGrid } from './toys/map-seeds.ts';
import type { Boundary } from './toys/map-theory.ts';
import { defaultBase, type MapBase, mapExperiment, type ToyId, toyOf } from './toys/map-toys.ts';

/** A place on the map, 0 to 1 along each axis. */
export type Place = readonly [x: number, y: number];

/** One run of the map, trained again by itself: with each objective that is compared. */
export interface Replay {
  readonly at: Place;
  readonly base: MapBase;
  /** counted from the first run of the cell */
  readonly seed: number;
  /** of each objective */
  readonly runs: readonly (readonly RecordedStep[])[];
}

/** A place that the reader watches; its run is trained again with every change. */
export interface Probe {
  readonly at: Place;
  readonly replay: Replay | null;
}

/** `cancelled` by the reader; `paused` while the view is hidden; `interrupted` because the engine went away; `asking`: see `MapWait`. */
export type MapStatus = 'idle' | 'running' | 'finished' | 'cancelled' | 'paused' | 'interrupted' | 'failed' | 'asking';

/** What a map of a link would still take, long enough for the reader to be asked. */
export interface MapWait {
  readonly seconds: number;
  /** runs that were timed */
  readonly runs: number;
  /** the next coarser map that takes no longer than a reader waits, or the coarsest; null: it is the coarsest */
  readonly smaller: { readonly resolution: (typeof resolutions)[number]; readonly seconds: number } | null;
}

/** What a link to a map holds. */
export interface MapState {
  readonly base: MapBase;
  readonly x: AxisChoice;
  readonly y: AxisChoice;
  readonly resolution: (typeof resolutions)[number];
  /** runs of each cell */
  readonly seeds: number;
  /** trained on the same plane, to be compared; null: none */
  readonly other: PageChoice | null;
  /** id of a metric, or 'regime' */
  readonly metric: string;
  readonly thresholds: RegimeThresholds;
  /** places whose runs are watched, in the order of their names; four digits */
  readonly probes: readonly Place[];
}

export const resolutions = [32, 64, 128, 256] as const;
const coarsest = 16;
export const mostSeeds = 9;
export const mostProbes = 5;

export const defaultMap: MapState = {
  base: defaultBase,
  x: plainAxis(toyOf(defaultBase.toy).x),
  y: plainAxis(toyOf(defaultBase.toy).y),
  resolution: 64,
  seeds: 1,
  other: null,
  metric: 'regime',
  thresholds: defaultThresholds,
  probes: [],
};

/** The map of a toy as it comes, with the rest of a state. */
export function freshMap(toy: ToyId, state: MapState = defaultMap): MapState {
  const { start, x, y } = toyOf(toy);
  const shown = metricsOf(toy).some(({ id }) => id === state.metric) ? state.metric : defaultMap.metric;
  return { ...state, base: { ...state.base, ...start, toy }, x: plainAxis(x), y: plainAxis(y), metric: shown, probes: [] };
}

/** The levels of a map, coarse to fine. */
const countsUpTo = (resolution: number): number[] => [coarsest, ...resolutions].filter((count) => count <= resolution);

/** The middle of the run at a share of an axis with so many runs, or of the one `by` runs further. */
const middleOf = (at: number, size: number, by = 0): number => (Math.min(size - 1, Math.max(0, Math.floor(at * size) + by)) + 0.5) / size;

/** Updates of all runs of the map that the page begins with. */
const usualUpdates = countsUpTo(defaultMap.resolution).reduce((sum, count) => sum + count ** 2, 0) * defaultMap.base.steps;
/** A map like the page's own is what a reader expects to be trained, however slow the machine is: only larger ones are asked about. */
const isLargeMap = (runs: number, steps: number): boolean => runs * steps > 2 * usualUpdates;

/** A pointer's rest before a run is trained for it, in milliseconds; after as much again every update is recorded. */
const shortRest = 60;
/** settings that are known to be the reader's own */
const mostWanted = 200;
/** updates of a run whose states its small chart is drawn through */
const drawnSteps = 100;

const isLoss = (error: unknown): boolean =>
  error instanceof Error && ['DeviceLostError', 'WorkerError', 'DisposedError'].includes(error.name);

/**
 * A plane of two numbers of an experiment, every run on it trained by the engine: from coarse to fine, kept when it is broken off, started
 * again when a setting changes. Any run is trained again by itself for the reader.
 */
export class PhaseMap {
  readonly #engineOf: () => EngineCalls | null;
  #base = $state.raw(defaultMap.base);
  /** the reader's own run, as all views share it; null: no page has said */
  #mine = $state.raw<SharedExperiment | null>(null);
  /** what of it the reader has set here */
  #given = $state.raw<Partial<SharedExperiment>>({});
  #xChoice = $state.raw(defaultMap.x);
  #yChoice = $state.raw(defaultMap.y);
  #resolution = $state(defaultMap.resolution);
  #seeds = $state(defaultMap.seeds);
  #other = $state.raw<PageChoice | null>(null);
  #metric = $state(defaultMap.metric);
  #thresholds = $state.raw(defaultMap.thresholds);
  #planes = $state.raw<readonly MapPlane[]>([new MapPlane()]);
  #status = $state<MapStatus>('idle');
  #problem = $state<string | null>(null);
  #progress = $state.raw<{ done: number; total: number }>({ done: 0, total: 0 });
  /** milliseconds that the map has been trained for */
  #trained = $state(0);
  /** what has trained it so far: more than one where another engine went on with it */
  #engines = $state.raw<readonly EngineCalls['backend'][]>([]);
  #replay = $state.raw<Replay | null>(null);
  #probes = $state.raw<readonly Probe[]>([]);
  #cursor = $state.raw<Place | null>(null);
  /** the run that was last made the present setting */
  #picked: Place | null = null;
  #theory = $state.raw<readonly (Boundary | null)[]>([]);
  #wait = $state.raw<MapWait | null>(null);
  /** what is trained came with a link, and the reader has not been asked */
  #asks = false;
  /** what the reader has set or started, by `#trainedKey`: coming back to it asks nothing */
  readonly #wanted = new Set<string>();
  #abort: AbortController | null = null;
  #replayAbort: AbortController | null = null;
  #probesAbort: AbortController | null = null;
  #theoryAbort: AbortController | null = null;

  readonly axes: readonly MapAxis[] = $derived(axesOf(this.#base, this.#other ? [this.#other] : []));
  /** the objectives that are compared, with their parameters; one or two */
  readonly objectives: readonly ObjectiveView[] = $derived(
    [this.#base.objective, ...(this.#other ? [this.#other] : [])].map(viewObjective),
  );
  readonly x: MapAxis = $derived(this.#axis(this.#xChoice, toyOf(this.#base.toy).x));
  readonly y: MapAxis = $derived(this.#axis(this.#yChoice, toyOf(this.#base.toy).y, this.x.id));
  /** where the reader's own run lies, and what it has otherwise than the runs here; null on a map of another toy */
  readonly readersRun: ReadersRun | null = $derived(
    this.#mine && isSharedToy(this.#base) ? readersRun(this.#mine, this.#base, [this.x, this.y]) : null,
  );

  /** A `state` is a link's; without one it is the map as it comes. */
  constructor(engineOf: () => EngineCalls | null, state?: MapState) {
    this.#engineOf = engineOf;
    this.#hold(state ?? defaultMap);
    this.#asks = state !== undefined;
  }

  /** What a link to this map holds. */
  get state(): MapState {
    return {
      base: this.#base,
      x: { ...this.#xChoice, id: this.x.id },
      y: { ...this.#yChoice, id: this.y.id },
      resolution: this.#resolution,
      seeds: this.#seeds,
      other: this.#other,
      metric: this.#metric,
      thresholds: this.#thresholds,
      probes: this.#probes.map(({ at }) => at),
    };
  }

  /** The map of a link. The same runs are not trained again. */
  restore(state: MapState): void {
    const before = this.#trainedKey();
    this.#hold(state);
    if (this.#trainedKey() !== before) {
      this.#asks = !this.#wanted.has(this.#trainedKey());
      this.#begin();
    } else if (this.#probes.some(({ replay }) => replay === null)) this.#trainProbes();
  }

  #hold({ base, x, y, resolution, seeds, other, metric, thresholds, probes }: MapState): void {
    this.#base = base;
    this.#given = isSharedToy(base) ? changeOf(experimentOf(base), experimentOf(defaultBase)) : {};
    this.#xChoice = x;
    this.#yChoice = y;
    this.#resolution = resolution;
    this.#seeds = seeds;
    this.#other = other;
    this.#metric = metric;
    this.#thresholds = thresholds;
    if (probes.join() !== this.state.probes.join()) this.#probes = probes.map((at) => ({ at, replay: null }));
  }

  /** Everything that the runs depend on: neither what is looked at, nor where the present setting stands on the axes. */
  #trainedKey(): string {
    const { metric: _, thresholds: __, ...rest } = this.state;
    const base = this.y.set(this.x.set(this.#base, this.x.range.min), this.y.range.min);
    return JSON.stringify({ ...rest, base });
  }

  /** the settings of each objective's runs, but for the two numbers of the axes */
  get bases(): readonly MapBase[] {
    return [this.#base, ...(this.#other ? [{ ...this.#base, objective: this.#other }] : [])];
  }
  get xChoice(): AxisChoice {
    return this.#xChoice;
  }
  get yChoice(): AxisChoice {
    return this.#yChoice;
  }
  get base(): MapBase {
    return this.#base;
  }
  get resolution(): (typeof resolutions)[number] {
    return this.#resolution;
  }
  get seeds(): number {
    return this.#seeds;
  }
  get other(): PageChoice | null {
    return this.#other;
  }
  /** what the colours mean; null: the regime */
  get metric(): MapMetric | null {
    return metricsOf(this.#base.toy).find(({ id }) => id === this.#metric) ?? null;
  }
  get thresholds(): RegimeThresholds {
    return this.#thresholds;
  }
  /** the map of each objective */
  get planes(): readonly MapPlane[] {
    return this.#planes;
  }
  get status(): MapStatus {
    return this.#status;
  }
  get problem(): string | null {
    return this.#problem;
  }
  /** runs of all levels */
  get progress(): { readonly done: number; readonly total: number } {
    return this.#progress;
  }
  /** how long the map was trained for, measured; null until it is finished */
  get seconds(): number | null {
    return this.#status === 'finished' ? this.#trained / 1000 : null;
  }
  /** there while the status is `asking` */
  get wait(): MapWait | null {
    return this.#wait;
  }
  get hasEngine(): boolean {
    return this.#engineOf() !== null;
  }
  /** what has trained the map */
  get engines(): readonly EngineCalls['backend'][] {
    return this.#engines;
  }
  get replay(): Replay | null {
    return this.#replay;
  }
  get probes(): readonly Probe[] {
    return this.#probes;
  }
  /** where the reader points; null: nowhere */
  get cursor(): Place | null {
    return this.#cursor;
  }
  /** what of the experiment that views share the reader has set here, or a link has */
  get given(): Partial<SharedExperiment> {
    return this.#given;
  }
  /** the settings at the cross: the reader's own run, or on a map of another toy the present setting */
  get crossed(): MapBase {
    return this.readersRun ? { ...this.#base, ...this.#mine } : this.#base;
  }
  /** the place of the cross; null where it is beyond an end */
  get present(): Place | null {
    if (this.readersRun) return this.readersRun.place;
    const at = (axis: MapAxis) => positionOf(axis.value(this.#base), axis);
    const [x, y] = [at(this.x), at(this.y)];
    return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null;
  }
  /** The reader's own run is this one: the cross stands there, and where nothing is pointed at its place's run is shown. */
  meet(mine: SharedExperiment): void {
    if (this.#mine && sameFields(mine, this.#mine)) return;
    const before = this.#presentRun?.join();
    this.#mine = mine;
    if (this.#presentRun?.join() !== before && this.#cursor === null) this.#trainShown();
  }
  /** Trains the map around the reader's own run. */
  adopt(): void {
    if (!this.#mine) return;
    this.#base = { ...this.#base, ...this.#mine };
    this.restart();
  }
  /** The reader has set this: it is in the experiment that views share. */
  #set(base: MapBase): void {
    const change = isSharedToy(base) ? changeOf(experimentOf(base), experimentOf(this.#base)) : {};
    this.#given = { ...this.#given, ...change };
    this.#base = base;
  }
  /** The run at a place is the reader's own from now on, with everything. */
  #choose(at: Place): void {
    this.#picked = at;
    this.#base = this.runAt(at).base;
    if (!isSharedToy(this.#base)) return;
    this.#given = experimentOf(this.#base);
    if (this.#mine) this.#mine = this.#given as SharedExperiment;
  }
  /** of each objective, where by theory a first small step moves an answer neither way; null for a toy without a formula */
  get theory(): readonly (Boundary | null)[] {
    return this.#theory;
  }

  setToy(toy: ToyId): void {
    const { base, other, ...rest } = this.state;
    // a loss of groups stays with the toys that take one
    const fits = (objective: PageChoice): boolean => toyOf(toy).takesGroups === true || overOf(objective) === 'pairs';
    const kept = fits(base.objective) ? base : { ...base, objective: defaultBase.objective };
    const given = this.#given;
    this.#hold(freshMap(toy, { ...rest, base: kept, other: other && fits(other) ? other : null }));
    this.#given = given; // what a toy begins with is nobody's choice
    this.restart();
  }
  setX(choice: AxisChoice): void {
    this.#setAxes(choice, this.#yChoice);
  }
  setY(choice: AxisChoice): void {
    this.#setAxes(this.#xChoice, choice);
  }
  #setAxes(x: AxisChoice, y: AxisChoice): void {
    if (x.id === y.id) return;
    const missing = adoptable.find(({ id }) => (id === x.id || id === y.id) && !this.axes.some((axis) => axis.id === id));
    if (missing) {
      this.#set({ ...this.#base, objective: withBetaOf(missing.objective, viewObjective(this.#base.objective)) });
      this.#other = null;
    }
    this.#xChoice = x;
    this.#yChoice = y;
    this.restart();
  }
  setResolution(resolution: (typeof resolutions)[number]): void {
    this.#resolution = resolution;
    this.restart();
  }
  setSeeds(seeds: number): void {
    this.#seeds = seeds;
    this.restart();
  }
  change(change: Partial<MapBase>): void {
    this.#set({ ...this.#base, ...change });
    this.restart();
  }
  /** Trains another objective on the same plane, too; null: only the first. */
  compareWith(other: PageChoice | null): void {
    this.#other = other;
    this.restart();
  }
  /** What one compares with first: the loss that others add to, which is DPO, with the same β; of DPO itself, one without a reference. */
  get baseLoss(): PageChoice {
    const [own] = this.objectives;
    if (own?.entry?.id === 'dpo') return { name: 'simpo' };
    return withBetaOf({ name: 'dpo' }, own);
  }
  colourBy(metric: string): void {
    this.#metric = metric;
  }
  setThresholds(change: Partial<RegimeThresholds>): void {
    this.#thresholds = { ...this.#thresholds, ...change };
  }

  /** The run at a place: its settings, its seed counted from the first of its cell, and its index among the runs of the finest level. */
  runAt([x, y]: Place): { base: MapBase; seed: number; index: number } {
    const count = this.#resolution;
    const grid = seedGrid(this.#seeds);
    const pixel = (at: number, size: number) => Math.min(size - 1, Math.max(0, Math.floor(at * size)));
    const [column, row] = [pixel(x, count * grid.across), pixel(y, count * grid.down)];
    const [cellX, cellY] = [Math.floor(column / grid.across), Math.floor(row / grid.down)];
    const seed = seedAt(column % grid.across, row % grid.down, grid);
    const value = (axis: MapAxis, cell: number) => cellValues(axis.range, count)[cell] ?? axis.range.min;
    const base = this.y.set(this.x.set(this.#base, value(this.x, cellX)), value(this.y, cellY));
    return { base, seed, index: seed * count * count + cellY * count + cellX };
  }

  /** The map is on the page: it is trained, unless it was already. */
  begin(): void {
    if (this.#status === 'idle') this.#begin();
    else if (this.#status === 'paused' || this.#status === 'interrupted') this.resume();
  }

  /** The map has left the page: it rests, and goes on where it was. */
  pause(): void {
    if (this.#status === 'running') this.#breakOff('paused');
  }

  /** Another engine has opened: what was under way on the old one goes on; what failed with it is trained again. */
  changeEngine(): void {
    if (this.#status === 'running') this.#breakOff('interrupted');
    else if (this.#status === 'failed' || this.#status === 'asking') this.#status = 'idle'; // another engine has another pace
  }

  /** Stops; what has finished stays on the map. */
  cancel(): void {
    if (this.#status === 'running') this.#breakOff('cancelled');
  }

  /** Trains the map from coarse to fine, as the reader wishes. */
  restart(): void {
    this.#want();
    this.#begin();
  }

  /** Trains what is left of the map, however long it takes. */
  start(): void {
    this.#want();
    this.resume();
  }

  /** Trains what is left of the coarser map that was offered. */
  startSmaller(): void {
    const smaller = this.#wait?.smaller;
    if (!smaller) return;
    this.#resolution = smaller.resolution;
    for (const plane of this.#planes) plane.coarsen(smaller.resolution);
    this.start();
    this.#trainProbes(); // a place is another run there
  }

  #want(): void {
    this.#asks = false;
    this.#wanted.add(this.#trainedKey());
    const [oldest] = this.#wanted;
    if (oldest !== undefined && this.#wanted.size > mostWanted) this.#wanted.delete(oldest);
  }

  #begin(): void {
    this.#abort?.abort();
    this.#planes = this.objectives.map(() => new MapPlane());
    this.#trained = 0;
    this.#engines = [];
    this.#status = 'idle';
    this.resume();
    this.#trainProbes();
    this.#trainShown();
    this.#drawTheory();
  }

  /** Trains what is left of the map. */
  resume(): void {
    const engine = this.#engineOf();
    if (this.#status === 'running' || !engine) return;
    this.#problem = null;
    this.#wait = null;
    this.#noteEngine(engine);
    const abort = new AbortController();
    this.#abort = abort;
    this.#status = 'running';
    void this.#train(engine, abort).catch((error: unknown) => {
      if (this.#abort !== abort || abort.signal.aborted) return;
      this.#status = isLoss(error) ? 'interrupted' : 'failed';
      this.#problem = messageOf(error);
    });
  }

  #noteEngine({ backend }: EngineCalls): void {
    this.#engines = [...new Set([...this.#engines, backend])];
  }

  #breakOff(status: MapStatus): void {
    this.#status = status;
    this.#abort?.abort();
  }

  /** Points at a place: that run is trained by itself and shown. Null: nowhere, and the present setting's is shown again. */
  point(at: Place | null): void {
    this.#cursor = at;
    this.#trainShown();
  }

  /** Makes the run at a place the reader's own, whether or not they still point there. */
  pick(at: Place): void {
    this.#choose(at);
    this.#trainShown();
  }

  /** A pointer that only passes by starts nothing. Where it stays, the run is drawn; where it rests, every update of it is known. */
  async #show(at: Place, signal: AbortSignal): Promise<void> {
    try {
      const isTwice = isTold(this.#base.toy) && this.#base.steps > drawnSteps;
      for (const isWhole of isTwice ? [false, true] : [false]) {
        await new Promise((resolve) => setTimeout(resolve, shortRest));
        const replay = signal.aborted ? null : await this.#trainAlone(at, signal, isWhole);
        if (signal.aborted) return;
        this.#replay = replay;
      }
    } catch (error) {
      if (!signal.aborted) this.#problem = messageOf(error);
    }
  }

  /** The run that stands beside the map: where the reader points, else the present setting's; where that is not on the map, the last one. */
  #trainShown(): void {
    this.#replayAbort?.abort();
    const abort = new AbortController();
    this.#replayAbort = abort;
    void this.#show(this.#cursor ?? this.#presentRun ?? this.#replay?.at ?? [0.5, 0.5], abort.signal);
  }
  /** Where the present setting's run is on the map: of several seeds the one that was picked. */
  get #presentRun(): Place | null {
    const { present } = this;
    const cellOf = (at: Place | null) => at?.map((share) => middleOf(share, this.#resolution)).join();
    return cellOf(this.#picked) === cellOf(present) ? (this.#picked ?? present) : present;
  }

  /** Moves the cross by whole runs, from where the reader points. */
  move(columns: number, rows: number): void {
    const grid = seedGrid(this.#seeds);
    const [x, y] = this.#cursor ?? this.present ?? [0.5, 0.5];
    const at: Place = [middleOf(x, this.#resolution * grid.across, columns), middleOf(y, this.#resolution * grid.down, rows)];
    this.#choose(at);
    this.point(at);
  }

  /** Watches the run that is shown, at the middle of its place: there four digits name the same run. */
  pin(): void {
    const replay = this.#replay;
    if (!replay || this.#probes.length >= mostProbes) return;
    const grid = seedGrid(this.#seeds);
    const middle = (at: number, size: number): number => Math.round(1e4 * middleOf(at, size)) / 1e4;
    const [x, y] = replay.at;
    const at: Place = [middle(x, this.#resolution * grid.across), middle(y, this.#resolution * grid.down)];
    this.#probes = [...this.#probes, { at, replay }];
  }
  unpin(index: number): void {
    this.#probes = this.#probes.filter((_, i) => i !== index);
  }

  dispose(): void {
    this.#abort?.abort();
    this.#replayAbort?.abort();
    this.#probesAbort?.abort();
    this.#theoryAbort?.abort();
  }

  /** Every probe's run again, with the present settings. */
  #trainProbes(): void {
    this.#probesAbort?.abort();
    if (this.#probes.length === 0) return;
    const abort = new AbortController();
    this.#probesAbort = abort;
    const places = this.#probes.map(({ at }) => at);
    this.#probes = places.map((at) => ({ at, replay: null }));
    for (const at of places)
      this.#trainAlone(at, abort.signal).then(
        (replay) => {
          if (!abort.signal.aborted) this.#probes = this.#probes.map((probe) => (probe.at === at ? { at, replay } : probe));
        },
        (error: unknown) => {
          if (!abort.signal.aborted) this.#problem = messageOf(error);
        },
      );
  }

  #drawTheory(): void {
    this.#theoryAbort?.abort();
    this.#theory = [];
    const abort = new AbortController();
    this.#theoryAbort = abort;
    const [bases, x, y] = [this.bases, this.x, this.y];
    // fetched with the first map: the page opens without it
    import('./toys/map-theory.ts')
      .then(({ findBoundary }) => Promise.all(bases.map((base) => findBoundary(base, x, y, abort.signal))))
      .then(
        (theory) => {
          if (!abort.signal.aborted) this.#theory = theory;
        },
        (error: unknown) => {
          if (!abort.signal.aborted) this.#problem = messageOf(error);
        },
      );
  }

  /** The run at a place by itself, with each objective. */
  async #trainAlone(at: Place, signal: AbortSignal, isWhole = false): Promise<Replay | null> {
    const engine = this.#engineOf();
    if (!engine) return null;
    const { base, seed } = this.runAt(at);
    const count = isWhole ? base.steps : Math.min(base.steps, drawnSteps);
    const record = Array.from({ length: count + 1 }, (_, index) => Math.round((index / count) * base.steps));
    // Both objectives share the numbers of the axes, which may be parameters of each.
    const bases = this.bases.map((own) => this.y.set(this.x.set(own, this.x.value(base)), this.y.value(base)));
    const trajectories = await Promise.all(bases.map((own) => engine.train(mapExperiment(own, seed, record), { signal })));
    return { at, base, seed, runs: trajectories.map(({ steps }) => steps) };
  }

  async #train(engine: EngineCalls, abort: AbortController): Promise<void> {
    const planes = this.#planes;
    const [bases, x, y, seeds] = [this.bases, this.x, this.y, this.#seeds];
    const counts = countsUpTo(this.#resolution);
    const tasks = counts.flatMap((count) => planes.map((plane, index) => ({ count, plane, base: bases[index] ?? this.#base })));
    const runsOf = (count: number) => count ** 2 * seeds;
    const total = tasks.reduce((sum, { count }) => sum + runsOf(count), 0);
    if (!isLargeMap(total, this.#base.steps)) this.#asks = false;
    let before = 0;
    let checked = performance.now();
    const tell = (done: number) => {
      if (abort.signal.aborted) return;
      const now = performance.now();
      this.#trained += now - checked;
      checked = now;
      this.#progress = { done: before + done, total };
    };
    tell(0);
    const timed: TimedRuns[] = [];
    for (const [place, { count, plane, base }] of tasks.entries()) {
      // From the first runs that are done: what the engine prepares for a level is no part of its pace.
      let first: { done: number; at: number } | null = null;
      const timing = (done: number): TimedRuns => {
        first ??= { done, at: performance.now() };
        return { runs: done - first.done, seconds: (performance.now() - first.at) / 1000 };
      };
      const onProgress = (done: number) => {
        tell(done);
        const present = timing(done);
        if (!abort.signal.aborted) this.#askIfLong([...timed, present], tasks.slice(place), present);
      };
      await plane.train({ engine, base, x, y, count, seeds, signal: abort.signal, onProgress });
      if (abort.signal.aborted) return;
      this.#noteEngine(engine); // the CPU engine may have taken over
      before += runsOf(count);
      tell(0);
      const level = timing(runsOf(count));
      if (level.runs > 0) timed.push(level);
      this.#askIfLong(timed, tasks.slice(place + 1));
      if (abort.signal.aborted) return;
    }
    this.#status = 'finished';
  }

  /** Stops, and asks the reader, where a map of a link would take long: these `levels`, of which so much of the first is done. */
  #askIfLong(
    timed: readonly TimedRuns[],
    levels: readonly { readonly count: number }[],
    { seconds: spent }: Partial<TimedRuns> = {},
  ): void {
    if (!this.#asks || !isPaceKnown(timed)) return;
    const left = (most: number) =>
      Math.max(
        0,
        secondsFor(
          levels.flatMap(({ count }) => (count <= most ? [count ** 2 * this.#seeds] : [])),
          timed,
        ) - (spent ?? 0),
      );
    const seconds = left(this.#resolution);
    if (seconds <= longestWait) return;
    const coarser = resolutions.filter((count) => count < this.#resolution);
    const resolution = coarser.findLast((count) => left(count) <= longestWait) ?? coarser[0];
    const runs = timed.reduce((sum, each) => sum + each.runs, 0);
    this.#wait = { seconds, runs, smaller: resolution === undefined ? null : { resolution, seconds: left(resolution) } };
    this.#breakOff('asking');
  }

  /** The axis of a choice, or the toy's own, or any other that is not `taken`. */
  #axis(choice: AxisChoice, usual: string, taken?: string): MapAxis {
    const free = this.axes.filter((axis) => axis.id !== taken);
    const axis = free.find(({ id }) => id === choice.id) ?? free.find(({ id }) => id === usual) ?? free[0];
    if (!axis) throw new Error('The toy has no axes.');
    return axis.id === choice.id ? shapedAxis(axis, choice) : axis;
  }
}
