import { contours, geoPath } from 'd3';
import { firstOrderMove, type GradientGeometry } from '../../atlas/toys/entanglement-geometry.ts';
import { firstOrder, type PairForces } from '../../atlas/toys/first-order.ts';
import { chosenToken, rejectedToken, toyPolicy } from '../../atlas/toys/no-over-never.ts';
import { suffixGeometry } from '../../atlas/toys/shared-suffix.ts';
import { compileObjective } from '../../objectives/compile.ts';
import { expandChoice } from '../../objectives/resolve.ts';
import { columnOf, type PageChoice, type PairState } from '../../shell/losses/objective-view.ts';
import { nextTask } from '../../train/next-task.ts';
import { cellValues, type MapAxis } from './map-axes.ts';
import type { MapBase } from './map-toys.ts';

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

/** log-softmax of the toy's start */
function startLogps({ vectors }: MapBase): number[] {
  const logits = vectors.unembedding.map((row) => row.reduce((sum, w, k) => sum + w * (vectors.hidden[k] ?? 0), 0));
  const top = Math.max(...logits);
  const logTotal = top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0));
  return logits.map((logit) => logit - logTotal);
}

/** Gradients at the start of the toy with a suffix. All its positions are alike, so that every length is one more or fewer of them. */
function startGeometry(settings: MapBase): GradientGeometry {
  const first = [settings.first, settings.first, 1 - 2 * settings.first].map(Math.log);
  const ofLength = (suffix: 0 | 1) => {
    const logits = Float64Array.from(suffix === 0 ? first : [...first, 0, 0, Number.NEGATIVE_INFINITY]);
    return suffixGeometry({ ...settings, suffix, update: 'plain', masked: [] }, { logits });
  };
  const [none, one] = [ofLength(0), ofLength(1)];
  const at = (name: keyof GradientGeometry) => none[name] + settings.suffix * (one[name] - none[name]);
  return {
    chosenGradNormSq: at('chosenGradNormSq'),
    rejectedGradNormSq: at('rejectedGradNormSq'),
    innerProduct: at('innerProduct'),
  };
}

/**
 * How a first small step moves the two answers of runs of a toy: theorems 4 and 5 of arXiv:2410.08847 in compact form, or the gradients of
 * a shared suffix in closed form. Null for a toy without a formula. The start is taken without noise.
 */
export function firstRates(base: MapBase): ((settings: MapBase) => PairForces) | null {
  if (base.toy === 'displacement') {
    const forcesAt = startForces(base.objective);
    return (settings) => {
      const logps = startLogps(settings);
      const [chosen = Number.NaN, rejected = Number.NaN] = [logps[chosenToken], logps[rejectedToken]];
      const forces = forcesAt(settings.objective.params, { chosen, rejected, refChosen: chosen, refRejected: rejected });
      const { rate, unit } = firstOrder(toyPolicy(settings.scale, settings.train, settings.vectors), chosenToken, rejectedToken, forces);
      return { chosen: unit * (rate[chosenToken] ?? Number.NaN), rejected: unit * (rate[rejectedToken] ?? Number.NaN) };
    };
  }
  if (base.toy === 'suffix') {
    const forcesAt = startForces(base.objective);
    return (settings) => {
      const logpOf = (p: number) => Math.log(settings.first) + settings.suffix * Math.log(p);
      const [chosen, rejected] = [logpOf(settings.afterChosen), logpOf(settings.afterRejected)];
      const length = settings.suffix + 1;
      const forces = forcesAt(settings.objective.params, { chosen, rejected, refChosen: chosen, refRejected: rejected, length });
      return firstOrderMove(startGeometry(settings), forces);
    };
  }
  return null;
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
