import { color, interpolateCividis, interpolateRgb, piecewise } from 'd3';
import type { SweepRuns } from '../../core/experiment.ts';
import type { MapLevel } from './map-plane.svelte.ts';
import { type MapMetric, type RegimeThresholds, regimesOf, runsOf } from './toys/map-metrics.ts';
import { seedAt, seedGrid } from './toys/map-seeds.ts';
import type { ToyId } from './toys/map-toys.ts';

/** RGBA of a pixel in the byte order of a canvas; 0 for a run that has not finished. */
type Packed = number;

const pack = (text: string): Packed => {
  const { r = 0, g = 0, b = 0 } = color(text)?.rgb() ?? {};
  return ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
};

/** A run that left the range of its numbers is checkered, never given a colour of the scale. */
const diverged = [pack('#141414'), pack('#787878')] as const;
/** not trained yet */
const unknown = pack('#808080');
/** stands for a run that diverged until it is known where it is drawn */
const divergedMark = 1;

const signed = piecewise(interpolateRgb, ['#a84b00', '#f4d9b8', '#f4f4f4', '#bcd9f5', '#0a5fc4']);

/** A colour scale: what its ends stand for, and how its middle is placed. */
export interface ColourScale {
  readonly low: number;
  readonly high: number;
  readonly signed: boolean;
}

/** The scale from the lowest to the highest of `values`, or to either side of 0 as far as they reach. */
export function scaleOf(values: Iterable<Iterable<number>>, isSigned: boolean): ColourScale {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const some of values)
    for (const value of some) {
      if (value < low && value > Number.NEGATIVE_INFINITY) low = value;
      if (value > high && value < Number.POSITIVE_INFINITY) high = value;
    }
  if (low > high) [low, high] = [0, 1];
  if (!isSigned) return { low, high: high > low ? high : low + 1, signed: false };
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9);
  return { low: -reach, high: reach, signed: true };
}

/** The colour at a place of the scale, 0 to 1. */
export const colourAt = (scale: Pick<ColourScale, 'signed'>, at: number): string => (scale.signed ? signed : interpolateCividis)(at);

/** Where a value stands on the scale, 0 to 1: linear, or by the signed square root where 0 is the middle. */
export function scalePosition({ low, high, signed: isSigned }: ColourScale, value: number): number {
  if (!isSigned) return (value - low) / (high - low);
  return 0.5 + 0.5 * Math.sign(value) * Math.sqrt(Math.abs(value) / high);
}

/** Colours of the runs of one level; by `index` of the run, [seed][y][x]. */
export interface ColourLayer {
  readonly count: number;
  at(index: number): Packed;
}

const tableOf = (scale: Pick<ColourScale, 'signed'>): Packed[] => Array.from({ length: 256 }, (_, i) => pack(colourAt(scale, i / 255)));

function painted(scale: ColourScale, table: readonly Packed[], value: number): Packed {
  return table[Math.max(0, Math.min(255, Math.round(255 * scalePosition(scale, value))))] ?? unknown;
}

/** The runs' own colour, given that of those that ended with finite numbers. */
const byState = (state: SweepRuns['state'], colour: (index: number) => Packed) => (index: number) =>
  state[index] === 1 ? colour(index) : state[index] === 2 ? divergedMark : 0;

export function metricLayers(levels: readonly MapLevel[], { measured }: MapMetric, scale: ColourScale): ColourLayer[] {
  const table = tableOf(scale);
  return levels.map(({ count, result }) => {
    const runs = runsOf(result);
    const values = runs[measured];
    return { count, at: byState(runs.state, (index) => painted(scale, table, values[index] ?? Number.NaN)) };
  });
}

export function regimeLayers(levels: readonly MapLevel[], toy: ToyId, thresholds: RegimeThresholds): ColourLayer[] {
  const { regimes, of } = regimesOf(toy);
  const table = regimes.map(({ colour }) => pack(colour));
  return levels.map(({ count, result }) => {
    const runs = runsOf(result);
    return { count, at: byState(runs.state, (index) => table[of(runs, index, thresholds)] ?? unknown) };
  });
}

/** Of the levels that both maps have begun, one run minus the other. */
export interface Difference {
  readonly count: number;
  /** NaN unless both runs ended with finite numbers */
  readonly values: Float32Array;
  readonly state: Uint8Array;
}

/**
 * The second map against the first, run by run: by how much more of a metric it has, or (null) by how many regimes it is more harmless, so
 * that the colour of the chosen answer means good there, too.
 */
export function differences(
  first: readonly MapLevel[],
  second: readonly MapLevel[],
  metric: MapMetric | null,
  toy: ToyId,
  thresholds: RegimeThresholds,
): Difference[] {
  const { of } = regimesOf(toy);
  const numberOf = (runs: SweepRuns, index: number) =>
    metric ? (runs[metric.measured][index] ?? Number.NaN) : -of(runs, index, thresholds);
  return first.flatMap(({ count, result }) => {
    const other = second.find((level) => level.count === count);
    if (!other) return [];
    const [a, b] = [runsOf(result), runsOf(other.result)];
    // not finished where one is not; diverged where one has
    const state = a.state.map((own, index) => (own === 0 || b.state[index] === 0 ? 0 : Math.max(own, b.state[index] ?? 0)));
    const values = Float32Array.from(state, (both, index) => (both === 1 ? numberOf(b, index) - numberOf(a, index) : Number.NaN));
    return [{ count, values, state }];
  });
}

export function differenceLayers(levels: readonly Difference[], scale: ColourScale): ColourLayer[] {
  const table = tableOf(scale);
  return levels.map(({ count, values, state }) => ({
    count,
    at: byState(state, (index) => painted(scale, table, values[index] ?? Number.NaN)),
  }));
}

/** A picture of runs, row 0 at the lower end of y. */
export interface MapPicture {
  readonly columns: number;
  readonly rows: number;
  /** RGBA */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
}

/** Every run a pixel: seeds share their cell's square; a run that its level has not reached shows the next coarser one's colour. */
export function mapPicture(layers: readonly ColourLayer[], seeds: number): MapPicture {
  const count = layers.at(-1)?.count ?? 1;
  const { across, down } = seedGrid(seeds);
  const [columns, rows] = [count * across, count * down];
  const packed = new Uint32Array(columns * rows);
  const finestFirst = [...layers].reverse();
  for (let row = 0; row < rows; row++) {
    const y = Math.floor(row / down);
    for (let column = 0; column < columns; column++) {
      const x = Math.floor(column / across);
      const seed = seedAt(column % across, row % down, { across, down });
      let colour = 0;
      for (const { count: size, at } of finestFirst) {
        const cell = Math.floor((y * size) / count) * size + Math.floor((x * size) / count);
        colour = at(seed * size * size + cell);
        if (colour !== 0) break;
      }
      packed[row * columns + column] =
        colour === 0 ? unknown : colour === divergedMark ? (diverged[(row + column) % 2] ?? unknown) : colour;
    }
  }
  return { columns, rows, pixels: new Uint8ClampedArray(packed.buffer) };
}
