import { lab } from 'd3';
import type { MapLevel } from '../map-plane.svelte.ts';
import { type RegimeThresholds, regimesOf, runsOf } from './map-metrics.ts';
import type { ToyId } from './map-toys.ts';

/** Where the name of a regime stands on the map. */
export interface RegimeName {
  readonly text: string;
  /** 0 to 1 along each axis */
  readonly at: readonly [x: number, y: number];
  /** how much of the map's width is free around it */
  readonly room: number;
  readonly isOnDark: boolean;
  readonly colour: string;
}

/** Least share of the map that an area has for a name. */
const leastArea = 0.03;
/** A line of text is wider than it is high. */
const aspect = 3;

/** The largest area of one regime whose cells touch by their sides; cells of a grid, row by row. */
function largestArea(regimes: readonly number[], count: number, regime: number): readonly number[] {
  const seen = new Set<number>();
  let largest: number[] = [];
  for (const [first, own] of regimes.entries()) {
    if (own !== regime || seen.has(first)) continue;
    const area = [first];
    seen.add(first);
    // the list grows while it is walked
    for (const cell of area) {
      const column = cell % count;
      for (const [next, isBeside] of [
        [cell - 1, column > 0],
        [cell + 1, column < count - 1],
        [cell - count, true],
        [cell + count, true],
      ] as const)
        if (isBeside && regimes[next] === regime && !seen.has(next)) {
          seen.add(next);
          area.push(next);
        }
    }
    if (area.length > largest.length) largest = area;
  }
  return largest;
}

/** The cell of an area that has the most free cells around it, and how many of them stand on either side. */
function roomiest(area: readonly number[], count: number): { readonly cell: number; readonly beside: number } {
  const inside = new Set(area);
  const middle = area.reduce((sum, cell) => sum + (cell % count), 0) / area.length;
  /** cells of the area in a row from this one on */
  const free = (cell: number, step: number): number => {
    const isRow = Math.abs(step) === 1;
    let far = 0;
    for (let next = cell + step; inside.has(next); next += step) {
      if (isRow && Math.floor(next / count) !== Math.floor(cell / count)) break;
      far++;
    }
    return far;
  };
  let best = { cell: area[0] ?? 0, beside: 0, score: -1 };
  for (const cell of area) {
    const beside = Math.min(free(cell, 1), free(cell, -1));
    const score = Math.min(beside / aspect, free(cell, count), free(cell, -count)) - 1e-4 * Math.abs((cell % count) - middle);
    if (score > best.score) best = { cell, beside, score };
  }
  return best;
}

/** A name for each regime that has an area large enough, in the middle of its largest one; of the first seed. */
export function regimeNames({ count, result }: MapLevel, toy: ToyId, thresholds: RegimeThresholds): RegimeName[] {
  const { regimes, of } = regimesOf(toy);
  const runs = runsOf(result);
  const cells = Array.from({ length: count * count }, (_, cell) => (runs.state[cell] === 1 ? of(runs, cell, thresholds) : -1));
  return regimes.flatMap(({ label, colour }, regime) => {
    const area = largestArea(cells, count, regime);
    if (area.length < leastArea * count * count) return [];
    const { cell, beside } = roomiest(area, count);
    return {
      text: label,
      at: [((cell % count) + 0.5) / count, (Math.floor(cell / count) + 0.5) / count] as const,
      room: (2 * beside + 1) / count,
      isOnDark: lab(colour).l < 55,
      colour,
    };
  });
}
