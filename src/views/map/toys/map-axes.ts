import { ranges } from '../../../atlas/toys/ranges.ts';
import type { SweepAxis } from '../../../core/experiment.ts';
import { getAt, parsePath } from '../../../core/json-path.ts';
import { type Range, rangeOf } from '../../../core/range.ts';
import { isInRange } from '../../../objectives/parameters.ts';
import { symbolText } from '../../../shell/controls/format.ts';
import { type PageChoice, viewObjective, withParameter } from '../../../shell/losses/objective-view.ts';
import { type AxisAbout, linear, logarithmic } from './map-toy.ts';
import { type MapBase, mapExperiment, type NumberId, numbersOf, type ToyId, toyOf } from './map-toys.ts';

/** One number of the experiment that the map may vary. */
export interface MapAxis extends Omit<AxisAbout, 'valid'> {
  /** a number of MapBase, an axis of the toy's own, or 'p.' and a parameter of the objective */
  readonly id: string;
  /** whether a value may be an end */
  allows(value: number): boolean;
  value(base: MapBase): number;
  set(base: MapBase, value: number): MapBase;
}

/** How a reader has changed an axis; null: as it comes. */
export interface AxisChoice {
  readonly id: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly logarithmic: boolean | null;
}

export const plainAxis = (id: string): AxisChoice => ({ id, from: null, to: null, logarithmic: null });

const madeAxis = (id: string, { label, path, range, valid = [range.min, range.max] }: AxisAbout) => ({
  id,
  label,
  path,
  range,
  allows: (value: number) => value >= valid[0] && value <= valid[1],
});

const numberAxis = (id: NumberId, about: AxisAbout): MapAxis => ({
  ...madeAxis(id, about),
  value: (base) => base[id],
  set: (base, value) => ({ ...base, [id]: value }),
});

function toyAxes(toy: ToyId): MapAxis[] {
  const { axes = [], rates, mostSteps } = toyOf(toy);
  return [
    ...numbersOf(toy).map(([id, about]) => numberAxis(id, about)),
    ...axes.map(({ value, set, ...about }) => ({
      ...madeAxis(about.id, about),
      value,
      set: (base: MapBase, to: number) => ({ ...base, ...set(base, to) }),
    })),
    numberAxis('learningRate', {
      label: 'learning rate η',
      path: 'optimizer.learningRate',
      range: logarithmic(...rates),
      valid: [ranges.learningRate.min, ranges.learningRate.max],
    }),
    numberAxis('steps', {
      label: 'updates',
      path: 'optimizer.steps',
      range: { ...logarithmic(10, mostSteps ?? 1000), integer: true },
      valid: [1, mostSteps ?? ranges.steps.max],
    }),
    numberAxis('noise', { label: 'initial noise', path: 'policy.noise', range: linear(0, 1), valid: [0, 10] }),
  ];
}

/** Axes that need another objective: choosing one trains that. */
export const adoptable: readonly { readonly id: string; readonly label: string; readonly objective: PageChoice }[] = [
  { id: 'p.alpha', label: 'SFT weight α', objective: { name: 'rpo' } },
  { id: 'p.k', label: 'd_w/d_l', objective: { expression: '-logsigmoid(beta * (k * logratio_w - logratio_l))' } },
];

/** What a parameter of the objective is, where its symbol alone would not say. */
function parameterLabel(id: string, tex: string, choice: PageChoice): string {
  const told = adoptable.find(({ id: known, objective }) => {
    if (known !== id) return false;
    return 'name' in objective
      ? 'name' in choice && choice.name === objective.name
      : 'expression' in choice && choice.expression === objective.expression;
  });
  return told?.label ?? symbolText(tex);
}

/** Every axis that the settings offer; `others` must know the objective's parameters, too. */
export function axesOf(base: MapBase, others: readonly PageChoice[] = []): MapAxis[] {
  const shared = viewObjective(base.objective).parameters.filter(({ name }) =>
    others.every((choice) => viewObjective(choice).parameters.some((parameter) => parameter.name === name)),
  );
  return [
    ...toyAxes(base.toy),
    ...shared.map(({ name, about }) => ({
      id: `p.${name}`,
      label: parameterLabel(`p.${name}`, about.tex, base.objective),
      path: `objective.params.${name}`,
      range: rangeOf(about),
      allows: (value: number) => isInRange(value, about.valid),
      value: ({ objective }: MapBase) =>
        viewObjective(objective).parameters.find((parameter) => parameter.name === name)?.value ?? about.default,
      set: (all: MapBase, value: number) => ({ ...all, objective: withParameter(all.objective, name, value) }),
    })),
  ];
}

/** The axis with the reader's ends and scale, where they are possible. */
export function shapedAxis(axis: MapAxis, { from, to, logarithmic: isLog }: AxisChoice): MapAxis {
  const min = from !== null && axis.allows(from) ? from : axis.range.min;
  const max = to !== null && axis.allows(to) ? to : axis.range.max;
  const ends = min < max ? { min, max } : axis.range;
  return {
    ...axis,
    range: { ...axis.range, min: ends.min, max: ends.max, logarithmic: (isLog ?? axis.range.logarithmic) && ends.min > 0 },
  };
}

/** The middle of each of `count` cells along an axis. */
export function cellValues({ min, max, logarithmic, integer }: Range, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const at = (index + 0.5) / count;
    const value = logarithmic ? min * (max / min) ** at : min + (max - min) * at;
    return integer ? Math.round(value) : value;
  });
}

/** Where a value stands along an axis; below 0 or above 1 beyond its ends. */
export function positionOf(value: number, { range: { min, max, logarithmic } }: Pick<MapAxis, 'range'>): number {
  return logarithmic ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
}

/** The axis of a sweep: what stands at its path in the run of each value. */
export function sweepAxis(axis: MapAxis, base: MapBase, count: number): SweepAxis {
  const path = parsePath(axis.path) ?? [];
  const values = cellValues(axis.range, count).map((value) => getAt(mapExperiment(axis.set(base, value)), path));
  return { path: axis.path, values: values as SweepAxis['values'] };
}
