import { color, extent, interpolateCividis, interpolateRgb, piecewise } from 'd3';
import type { MapMetric, RegimeThresholds } from './map-metrics.ts';
import { regimesOf } from './map-metrics.ts';
import type { MapLevel } from './phase-map.svelte.ts';

type Rgb = readonly [number, number, number];

const rgbOf = (text: string): Rgb => {
  const { r = 0, g = 0, b = 0 } = color(text)?.rgb() ?? {};
  return [r, g, b];
};

/** Harmless to harmful: light blue to dark magenta, apart for every kind of colour vision and in grey. */
export const regimeColours = ['#9fd0ff', '#f2d98b', '#d9762b', '#7a1f6b'] as const;
/** A run that left the range of its numbers is hatched, never given a colour of the scale. */
const divergedColours: readonly [Rgb, Rgb] = [
  [20, 20, 20],
  [120, 120, 120],
];
/** not trained yet */
const unknown: Rgb = [128, 128, 128];

const signed = piecewise(interpolateRgb, ['#a84b00', '#f4d9b8', '#f4f4f4', '#bcd9f5', '#0a5fc4']);

/** Values that the ends of the colour scale stand for. */
export function colourDomain(levels: readonly MapLevel[], metric: MapMetric): [number, number] {
  const last = levels.at(-1);
  if (!last) return [0, 1];
  const [low = 0, high = 1] = extent([...metric.values(last.result)].filter(Number.isFinite));
  if (!metric.signed) return [low, high > low ? high : low + 1];
  const reach = Math.max(Math.abs(low), Math.abs(high), 1e-9);
  return [-reach, reach];
}

/** The colour at a place of the scale, 0 to 1. */
export const colourAt = (metric: MapMetric, at: number): string => (metric.signed ? signed : interpolateCividis)(at);

/** Where a value stands on the scale, 0 to 1: linear, or by the signed square root where 0 is the middle. */
export function scalePosition(metric: MapMetric, [low, high]: readonly [number, number], value: number): number {
  if (!metric.signed) return (value - low) / (high - low);
  return 0.5 + 0.5 * Math.sign(value) * Math.sqrt(Math.abs(value) / high);
}

/**
 * RGBA of the map at its finest level, row 0 at the lower end of y: a cell that its level has not reached shows the next coarser one.
 * `metric` null colours by regime.
 */
export function mapPixels(
  levels: readonly MapLevel[],
  metric: MapMetric | null,
  thresholds: RegimeThresholds,
): { count: number; pixels: Uint8ClampedArray<ArrayBuffer> } {
  const count = levels.at(-1)?.count ?? 1;
  const pixels = new Uint8ClampedArray(4 * count * count);
  const domain = metric ? colourDomain(levels, metric) : ([0, 1] as const);
  const table = metric
    ? Array.from({ length: 256 }, (_, i) => rgbOf(colourAt(metric, i / 255)))
    : regimeColours.map((colour) => rgbOf(colour));
  const layers = [...levels].reverse().map(({ count: size, result }) => ({
    size,
    result,
    values: metric ? metric.values(result) : null,
    regimes: metric ? null : regimesOf(result, thresholds),
  }));
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      let rgb: Rgb = unknown;
      for (const { size, result, values, regimes } of layers) {
        const cell = Math.floor((row * size) / count) * size + Math.floor((column * size) / count);
        if ((result.finished[cell] ?? 0) === 0) continue;
        if ((result.diverged[cell] ?? 0) === (result.finished[cell] ?? 0)) rgb = divergedColours[(row + column) % 2] ?? unknown;
        else if (values && metric) rgb = table[Math.round(255 * scalePosition(metric, domain, values[cell] ?? 0))] ?? unknown;
        else rgb = table[regimes?.[cell] ?? 0] ?? unknown;
        break;
      }
      pixels.set([...rgb, 255], 4 * (row * count + column));
    }
  }
  return { count, pixels };
}
