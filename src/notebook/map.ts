import type { SweepResult } from '../index.ts';
import type { MapState } from '../views/map/phase-map.svelte.ts';
import { type AxisChoice, axesOf, type MapAxis, shapedAxis } from '../views/map/toys/map-axes.ts';
import { regimesOf, runsOf } from '../views/map/toys/map-metrics.ts';

/** The axes of a map of the page. */
export function mapAxes({ base, x, y }: MapState): { readonly x: MapAxis; readonly y: MapAxis } {
  const axes = axesOf(base);
  const shaped = (choice: AxisChoice): MapAxis => {
    const axis = axes.find(({ id }) => id === choice.id);
    if (!axis) throw new Error(`The map has no axis “${choice.id}”.`);
    return shapedAxis(axis, choice);
  };
  return { x: shaped(x), y: shaped(y) };
}

/** The regime of each cell of a sweep, as the page's map counts them; −1 for one that diverged. */
export function regimesIn({ base, thresholds }: MapState, result: SweepResult): number[] {
  const runs = runsOf(result);
  return Array.from(runs.state, (state, cell) => (state === 1 ? regimesOf(base.toy).of(runs, cell, thresholds) : -1));
}
