import { contours, geoPath } from 'd3';
import type { RecordedStep, SweepResult } from '../core/experiment.ts';
import { messageOf } from '../core/message-of.ts';
import { chosenToken, rejectedToken, toyPolicy, toyVectors } from '../experiments/no-over-never.ts';
import { readableSteps } from '../train/train-run.ts';
import { firstOrder } from './displacement.ts';
import { axesOf, cellValues, type MapAxis, mapExperiment } from './map-axes.ts';
import { type MapMetric, metrics, type RegimeThresholds } from './map-metrics.ts';
import { forcesOf, type ObjectiveView, viewObjective } from './objective-view.ts';
import type { Session } from './session.svelte.ts';
import type { ToySettings } from './settings.ts';

/** A map at one resolution: `count` × `count` cells, row 0 at the lower end of y. */
export interface MapLevel {
  readonly count: number;
  readonly result: SweepResult;
}

/** One run of the map, trained again by itself. */
export interface Replay {
  readonly settings: ToySettings;
  readonly steps: readonly RecordedStep[];
  /** where it stands on the map, 0 to 1 */
  readonly at: readonly [x: number, y: number];
}

export type MapStatus = 'idle' | 'running' | 'finished' | 'cancelled' | 'failed';

/** What a link to a map holds. */
export interface MapState {
  readonly base: ToySettings;
  readonly x: string;
  readonly y: string;
  readonly resolution: (typeof resolutions)[number];
  /** id of a metric, or 'regime' */
  readonly metric: string;
  readonly thresholds: RegimeThresholds;
}

export const resolutions = [32, 64, 128, 256] as const;
const coarsest = 16;
export const mostPins = 5;

export const defaultMap: MapState = {
  base: { vectors: toyVectors, train: 'both', scale: 3, objective: { name: 'dpo', params: { beta: 0.1 } }, learningRate: 0.1, steps: 200 },
  x: 'scale',
  y: 'learningRate',
  resolution: 64,
  metric: 'regime',
  thresholds: { fall: 0.5, takeover: 0.5 },
};

/** Cells along each side of the grid that theory is evaluated on. */
const theoryGrid = 96;

/**
 * A plane of two numbers of the toy's experiment, every cell of it a run trained by the engine: from coarse to fine, kept when cancelled,
 * started again when a setting changes. Any cell is replayed as a run of its own.
 */
export class PhaseMap {
  readonly session: Session;
  #xId = $state('');
  #yId = $state('');
  #base = $state.raw(defaultMap.base);
  #resolution = $state(defaultMap.resolution);
  #metric = $state('');
  #thresholds = $state.raw(defaultMap.thresholds);
  #levels = $state.raw<readonly MapLevel[]>([]);
  #status = $state<MapStatus>('idle');
  #problem = $state<string | null>(null);
  #progress = $state.raw<{ done: number; total: number }>({ done: 0, total: 0 });
  #seconds = $state<number | null>(null);
  #replay = $state.raw<Replay | null>(null);
  #pins = $state.raw<readonly Replay[]>([]);
  #cursor = $state.raw<readonly [number, number] | null>(null);
  #abort: AbortController | null = null;
  #replayAbort: AbortController | null = null;

  readonly #axes = $derived(axesOf(this.#base));
  readonly #objective = $derived(viewObjective(this.#base.objective));
  readonly #x = $derived(this.#axis(this.#xId, 0));
  readonly #y = $derived(this.#axis(this.#yId, 1, this.#x.id));
  readonly #theory = $derived.by(() => this.#boundary());

  constructor(session: Session, state: MapState = defaultMap) {
    this.session = session;
    this.#hold(state);
  }

  /** What a link to this map holds. */
  get state(): MapState {
    return {
      base: this.#base,
      x: this.#x.id,
      y: this.#y.id,
      resolution: this.#resolution,
      metric: this.#metric,
      thresholds: this.#thresholds,
    };
  }

  /** The map of a link. */
  restore(state: MapState): void {
    const runs = ({ metric: _, thresholds: __, ...rest }: MapState) => JSON.stringify(rest);
    const same = runs(state) === runs(this.state);
    this.#hold(state);
    if (!same) this.restart();
  }

  #hold({ base, x, y, resolution, metric, thresholds }: MapState): void {
    this.#base = base;
    this.#xId = x;
    this.#yId = y;
    this.#resolution = resolution;
    this.#metric = metric;
    this.#thresholds = thresholds;
  }

  /** the objective of every run, with its parameters */
  get objective(): ObjectiveView {
    return this.#objective;
  }
  get axes(): readonly MapAxis[] {
    return this.#axes;
  }
  get x(): MapAxis {
    return this.#x;
  }
  get y(): MapAxis {
    return this.#y;
  }
  /** the experiment of every cell, but for the two numbers of its axes */
  get base(): ToySettings {
    return this.#base;
  }
  get resolution(): (typeof resolutions)[number] {
    return this.#resolution;
  }
  /** what the colours mean; null: the regime */
  get metric(): MapMetric | null {
    return metrics.find(({ id }) => id === this.#metric) ?? null;
  }
  get thresholds(): RegimeThresholds {
    return this.#thresholds;
  }
  /** coarse to fine; the last may be under way */
  get levels(): readonly MapLevel[] {
    return this.#levels;
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
  /** how long the map took, measured; null until it is finished */
  get seconds(): number | null {
    return this.#seconds;
  }
  get replay(): Replay | null {
    return this.#replay;
  }
  get pins(): readonly Replay[] {
    return this.#pins;
  }
  /** where the reader points, 0 to 1 along each axis; null: nowhere */
  get cursor(): readonly [number, number] | null {
    return this.#cursor;
  }
  /** the present setting's place; null where it is beyond an end */
  get present(): readonly [number, number] | null {
    const at = (axis: MapAxis) => positionOf(axis.value(this.#base), axis);
    const [x, y] = [at(this.#x), at(this.#y)];
    return x >= 0 && x <= 1 && y >= 0 && y <= 1 ? [x, y] : null;
  }
  /** where the chosen answer's first move changes sign by theory, as an SVG path over the unit square, y upwards; null: nowhere here */
  get theory(): string | null {
    return this.#theory;
  }

  setAxes(x: string, y: string): void {
    if (x === y) return;
    this.#xId = x;
    this.#yId = y;
    this.restart();
  }
  setResolution(resolution: (typeof resolutions)[number]): void {
    this.#resolution = resolution;
    this.restart();
  }
  change(change: Partial<ToySettings>): void {
    this.#base = { ...this.#base, ...change };
    this.restart();
  }
  colourBy(metric: string): void {
    this.#metric = metric;
  }
  setThresholds(change: Partial<RegimeThresholds>): void {
    this.#thresholds = { ...this.#thresholds, ...change };
  }

  /** The settings of the run at a place of the map. */
  settingsAt([x, y]: readonly [number, number]): ToySettings {
    const count = this.#resolution;
    const cell = (at: number) => Math.min(count - 1, Math.max(0, Math.floor(at * count)));
    const value = (axis: MapAxis, at: number) => cellValues(axis.range, count)[cell(at)] ?? axis.range.min;
    return this.#y.set(this.#x.set(this.#base, value(this.#x, x)), value(this.#y, y));
  }

  /** The map is on the page: it is trained, unless it was already. */
  begin(): void {
    if (this.#status === 'idle') this.restart();
  }

  /** Another engine has opened: what was under way on the old one, or failed with it, is trained again. */
  changeEngine(): void {
    if (this.#status !== 'running' && this.#status !== 'failed') return;
    this.#abort?.abort();
    this.#abort = null;
    this.#status = 'idle';
  }

  /** Trains the map from coarse to fine. */
  restart(): void {
    this.#abort?.abort();
    this.#pins = [];
    this.#levels = [];
    this.#problem = null;
    this.#seconds = null;
    const { engine } = this.session;
    if (!engine) {
      this.#status = 'idle';
      return;
    }
    const abort = new AbortController();
    this.#abort = abort;
    this.#status = 'running';
    void this.#train(abort).catch((error: unknown) => {
      if (this.#abort !== abort) return;
      this.#status = abort.signal.aborted ? 'cancelled' : 'failed';
      if (!abort.signal.aborted) this.#problem = messageOf(error);
    });
  }

  /** Stops; what has finished stays on the map. */
  cancel(): void {
    if (this.#status === 'running') this.#abort?.abort();
  }

  /** Points at a place: that run is trained by itself and shown. Null: nowhere. */
  point(at: readonly [number, number] | null): void {
    this.#cursor = at;
    this.#replayAbort?.abort();
    const { engine } = this.session;
    if (!at || !engine) return;
    const abort = new AbortController();
    this.#replayAbort = abort;
    const settings = this.settingsAt(at);
    // A pointer that only passes by starts nothing.
    setTimeout(() => {
      if (abort.signal.aborted) return;
      engine.train(mapExperiment(settings, drawnSteps(settings.steps)), { signal: abort.signal }).then(
        ({ steps }) => {
          if (!abort.signal.aborted) this.#replay = { settings, steps, at };
        },
        (error: unknown) => {
          if (!abort.signal.aborted) this.#problem = messageOf(error);
        },
      );
    }, 60);
  }

  pin(): void {
    if (this.#replay && this.#pins.length < mostPins) this.#pins = [...this.#pins, this.#replay];
  }
  unpin(index: number): void {
    this.#pins = this.#pins.filter((_, i) => i !== index);
  }

  dispose(): void {
    this.#abort?.abort();
    this.#replayAbort?.abort();
  }

  async #train(abort: AbortController): Promise<void> {
    const { engine } = this.session;
    if (!engine) return;
    const counts = [coarsest, ...resolutions].filter((count) => count <= this.#resolution);
    const total = counts.reduce((sum, count) => sum + count ** 2, 0);
    const experiment = mapExperiment(this.#base);
    const began = performance.now();
    let before = 0;
    for (const count of counts) {
      const show = (result: SweepResult) => {
        if (this.#abort === abort) this.#levels = [...this.#levels.filter((level) => level.count !== count), { count, result }];
      };
      const result = await engine.sweep(
        {
          experiment,
          x: { path: this.#x.path, values: cellValues(this.#x.range, count) },
          y: { path: this.#y.path, values: cellValues(this.#y.range, count) },
        },
        {
          signal: abort.signal,
          onProgress: (done) => {
            if (this.#abort === abort) this.#progress = { done: before + done, total };
          },
          onPartial: show,
        },
      );
      if (this.#abort !== abort) return;
      show(result);
      before += count ** 2;
      this.#progress = { done: before, total };
    }
    this.#seconds = (performance.now() - began) / 1000;
    this.#status = 'finished';
  }

  /** The axis of that name, or another that is not `taken`. */
  #axis(id: string, fallback: number, taken?: string): MapAxis {
    const free = this.#axes.filter((axis) => axis.id !== taken);
    const axis = free.find((one) => one.id === id) ?? free[Math.min(fallback, free.length - 1)];
    if (!axis) throw new Error('The toy has no axes.');
    return axis;
  }

  #boundary(): string | null {
    const start = this.session.start;
    const [refChosen = Number.NaN, refRejected = Number.NaN] = [start.chosenLogps[0], start.rejectedLogps[0]];
    const values = (axis: MapAxis) => cellValues(axis.range, theoryGrid);
    const [xs, ys] = [values(this.#x), values(this.#y)];
    // Compiling an objective for every point would hold the page up: each is compiled once, and each rate computed once.
    const forcesBy = remember((objective: ToySettings['objective']) =>
      forcesOf(objective)({ refChosen, refRejected, chosen: refChosen, rejected: refRejected }),
    );
    const rateBy = remember(({ scale, objective }: Pick<ToySettings, 'scale' | 'objective'>) => {
      const { train, vectors } = this.#base;
      const { rate, unit } = firstOrder(toyPolicy(scale, train, vectors), chosenToken, rejectedToken, forcesBy(objective));
      return unit * (rate[chosenToken] ?? Number.NaN);
    });
    const rates = ys.flatMap((y) =>
      xs.map((x) => {
        const { scale, objective } = this.#y.set(this.#x.set(this.#base, x), y);
        return rateBy({ scale, objective });
      }),
    );
    if (!(rates.some((rate) => rate > 0) && rates.some((rate) => rate < 0))) return null;
    // d3's contours close along the frame: the level is drawn clipped to the square.
    const [zero] = contours().size([theoryGrid, theoryGrid]).thresholds([0])(rates);
    const path = zero ? geoPath()(zero) : null;
    return path ? path.replaceAll(/[\d.]+/g, (number) => String(Math.round((Number(number) / theoryGrid) * 1e4) / 1e4)) : null;
  }
}

/** `make`, called once for each argument, told apart by its JSON. */
function remember<A, R>(make: (argument: A) => R): (argument: A) => R {
  const known = new Map<string, R>();
  return (argument) => {
    const key = JSON.stringify(argument);
    const made = known.get(key) ?? make(argument);
    known.set(key, made);
    return made;
  };
}

/** Where a value stands along an axis; below 0 or above 1 beyond its ends. */
export function positionOf(value: number, { range: { min, max, logarithmic } }: MapAxis): number {
  return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
}

/** Steps enough for a smooth small curve. */
function drawnSteps(last: number): number[] {
  const even = Array.from({ length: 61 }, (_, i) => Math.round((i * last) / 60));
  return [...new Set([...readableSteps(last), ...even])].sort((a, b) => a - b);
}
