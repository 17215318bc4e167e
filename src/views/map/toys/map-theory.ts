import { contours, geoPath } from 'd3';
import type { PairForces } from '../../../atlas/toys/displacement/first-order.ts';
import { compileObjective } from '../../../objectives/compile.ts';
import { expandChoice } from '../../../objectives/resolve.ts';
import { columnOf, type PageChoice, type PairState } from '../../../shell/losses/objective-view.ts';
import { nextTask } from '../../../train/next-task.ts';
import { cellValues, type MapAxis } from './map-axes.ts';
import { type MapBase, toyOf } from './map-toys.ts';

/** Cells along each side of the grid that theory is evaluated on. */
const grid = 96;

/** Where a first small step neither raises nor lowers an answer, as SVG paths over the unit square, y upwards; null: nowhere here. */
export interface Boundary {
  readonly chosen: string | null;
  readonly rejected: string | null;
}

/** The forces of one objective at the start of any run, whatever its parameters are: compiled once. */
function startForces(choice: PageChoice): (params: PageChoice['params'], state: PairState) => PairForces {
  const { loss, values, ldAlpha } = expandChoice(choice);
  const compiled = compileObjective(loss, values, ldAlpha);
  return (params, state) => {
    const parameters = compiled.parameterNames.map((name) => Number(params?.[name] ?? values[name]));
    const { byChosen, byRejected } = compiled.evaluate(
      state.chosen,
      state.rejected,
      compiled.inputs.map((name) => columnOf(name, state)),
      parameters,
    );
    return { chosen: -byChosen, rejected: byRejected };
  };
}

/** How a first small step moves the two answers of runs of a toy; null for a toy without a formula. The start is taken without noise. */
export function firstRates(base: MapBase): ((settings: MapBase) => PairForces) | null {
  const { firstMove } = toyOf(base.toy);
  if (!firstMove) return null;
  const forcesAt = startForces(base.objective);
  return (settings) => {
    const { state, move } = firstMove(settings);
    return move(forcesAt(settings.objective.params, state));
  };
}

/** The zero line of values on the grid, clipped to the unit square by whoever draws it: d3's contours close along the frame. */
function zeroLine(values: readonly number[]): string | null {
  if (!(values.some((value) => value > 0) && values.some((value) => value < 0))) return null;
  const [zero] = contours().size([grid, grid]).thresholds([0])([...values]);
  const path = zero ? geoPath()(zero) : null;
  return path ? path.replaceAll(/[\d.]+/g, (number) => String(Math.round((Number(number) / grid) * 1e4) / 1e4)) : null;
}

/** How long the page may compute in one go, in milliseconds. */
const sliceTime = 8;

/** Theory's boundary over the plane of two axes, found a few rows at a time; null for a toy without a formula. */
export async function findBoundary(base: MapBase, x: MapAxis, y: MapAxis, signal?: AbortSignal): Promise<Boundary | null> {
  const ratesAt = firstRates(base);
  if (!ratesAt) return null;
  const xs = cellValues(x.range, grid);
  const rates: PairForces[] = [];
  let began = performance.now();
  for (const yValue of cellValues(y.range, grid)) {
    const row = y.set(base, yValue);
    for (const xValue of xs) rates.push(ratesAt(x.set(row, xValue)));
    if (performance.now() - began < sliceTime) continue;
    await nextTask();
    signal?.throwIfAborted();
    began = performance.now();
  }
  return { chosen: zeroLine(rates.map(({ chosen }) => chosen)), rejected: zeroLine(rates.map(({ rejected }) => rejected)) };
}
