import { chosenToken, rejectedToken } from '../../atlas/toys/no-over-never.ts';
import { ranges } from '../../atlas/toys/ranges.ts';
import type { SweepAxis } from '../../core/experiment.ts';
import { getAt, parsePath } from '../../core/json-path.ts';
import { type Range, rangeOf } from '../../core/range.ts';
import { cosine, norm, withCosine, withNorm } from '../../core/vectors.ts';
import { isInRange } from '../../objectives/parameters.ts';
import { symbolText } from '../../shell/controls/format.ts';
import { type PageChoice, viewObjective, withParameter } from '../../shell/losses/objective-view.ts';
import { longestSuffix, type MapBase, mapExperiment, type ToyId } from './map-toys.ts';

/** One number of the experiment that the map may vary. */
export interface MapAxis {
  /** a number of MapBase, 'similarity', 'size', or 'p.' and a parameter of the objective */
  readonly id: string;
  readonly label: string;
  /** what changes in the experiment */
  readonly path: string;
  /** a whole part of the experiment stands there, not one number */
  readonly isPart: boolean;
  /** the ends drawn, and of the slider */
  readonly range: Range;
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

type NumberOf = { [K in keyof MapBase]: MapBase[K] extends number ? K : never }[keyof MapBase];

interface Written {
  label: string;
  path: string;
  range: Omit<Range, 'integer'> & { integer?: boolean };
  /** widest range that the experiment takes; default the one drawn */
  valid?: readonly [from: number, to: number];
  isPart?: boolean;
}

function numberAxis(id: NumberOf, { label, path, range, valid = [range.min, range.max], isPart = false }: Written): MapAxis {
  return {
    id,
    label,
    path,
    isPart,
    range: { integer: false, ...range },
    allows: (value) => value >= valid[0] && value <= valid[1],
    value: (base) => base[id],
    set: (base, value) => ({ ...base, [id]: value }),
  };
}

const linear = (min: number, max: number) => ({ min, max, logarithmic: false });
const logarithmic = (min: number, max: number) => ({ min, max, logarithmic: true });

/** cos of the chosen and the rejected token's vectors, by turning the rejected one */
const similarity: MapAxis = {
  id: 'similarity',
  label: 'similarity cos(W_w, W_l)',
  path: `policy.unembedding[${rejectedToken}]`,
  isPart: true,
  range: { ...linear(-0.99, 0.99), integer: false },
  allows: (value) => value >= -1 && value <= 1,
  value: ({ vectors: { unembedding } }) => cosine(unembedding[chosenToken] ?? [], unembedding[rejectedToken] ?? []),
  set: (base, value) => {
    const { unembedding } = base.vectors;
    const turned = withCosine(unembedding[chosenToken] ?? [], unembedding[rejectedToken] ?? [], value);
    return { ...base, vectors: { ...base.vectors, unembedding: unembedding.map((row, i) => (i === rejectedToken ? turned : row)) } };
  },
};

/** ‖h‖: as large logits at the start as one likes */
const size: MapAxis = {
  id: 'size',
  label: 'initial scale ‖h‖',
  path: 'policy.hidden[0]',
  isPart: true,
  range: { ...logarithmic(0.5, 15), integer: false },
  allows: (value) => value > 0 && value <= 20,
  value: ({ vectors }) => norm(vectors.hidden),
  set: (base, value) => ({ ...base, vectors: { ...base.vectors, hidden: withNorm(base.vectors.hidden, value) } }),
};

const scale = numberAxis('scale', { label: 'scale c', path: 'policy.scale', range: ranges.scale });
const suffix = numberAxis('suffix', {
  label: 'suffix length m',
  path: 'pairs',
  range: { ...linear(0, longestSuffix), integer: true },
  isPart: true,
});
const chance = (id: 'afterChosen' | 'afterRejected', label: string, offset: number) =>
  numberAxis(id, { label, path: `policy.offsets[${offset}].logits`, range: linear(0.02, 0.98), isPart: true });

const ownAxes: Readonly<Record<ToyId, readonly MapAxis[]>> = {
  displacement: [scale, similarity, size],
  suffix: [
    suffix,
    chance('afterChosen', 'p after the chosen token', 0),
    chance('afterRejected', 'p′ after the rejected token', 1),
    numberAxis('first', { label: 'π of either first token', path: 'policy.logits[0]', range: linear(0.01, 0.49), isPart: true }),
  ],
  hidden: [
    numberAxis('cosine', {
      label: 'similarity cos(h_w, h_l)',
      path: 'policy.prefixes[2].hidden',
      range: linear(-0.99, 0.99),
      valid: [-1, 1],
      isPart: true,
    }),
    numberAxis('chosenLength', {
      label: 'length ‖h_w‖',
      path: 'policy.prefixes[1].hidden',
      range: logarithmic(0.1, 10),
      valid: [0.01, 100],
      isPart: true,
    }),
  ],
  labels: [
    numberAxis('flipRate', { label: 'flip rate', path: 'data.flipRate', range: linear(0, 0.5), valid: [0, 1] }),
    numberAxis('coverage', { label: 'coverage', path: 'data.coverage', range: linear(0.2, 1), valid: [0, 1] }),
    numberAxis('temperature', { label: 'label temperature', path: 'data.temperature', range: logarithmic(0.02, 2), valid: [0.001, 100] }),
    numberAxis('count', { label: 'pairs', path: 'data.count', range: { ...logarithmic(2, 32), integer: true }, valid: [1, 64] }),
    numberAxis('sharpness', { label: 'initial scale', path: 'policy.logits[0]', range: linear(0, 3), valid: [0, 20], isPart: true }),
  ],
};

const commonAxes = (toy: ToyId): MapAxis[] => [
  numberAxis('learningRate', {
    label: 'learning rate η',
    path: 'optimizer.learningRate',
    range: toy === 'displacement' || toy === 'hidden' ? logarithmic(1e-3, 10) : logarithmic(1e-2, 100),
    valid: [ranges.learningRate.min, ranges.learningRate.max],
  }),
  numberAxis('steps', {
    label: 'updates',
    path: 'optimizer.steps',
    range: { ...logarithmic(10, toy === 'suffix' ? 300 : 1000), integer: true },
    valid: [1, toy === 'suffix' ? 300 : 2000],
  }),
  numberAxis('noise', { label: 'initial noise', path: 'policy.noise', range: linear(0, 1), valid: [0, 10] }),
];

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
    ...ownAxes[base.toy],
    ...commonAxes(base.toy),
    ...shared.map(({ name, about }) => ({
      id: `p.${name}`,
      label: parameterLabel(`p.${name}`, about.tex, base.objective),
      path: `objective.params.${name}`,
      isPart: false,
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
  const values = cellValues(axis.range, count);
  if (!axis.isPart) return { path: axis.path, values };
  const path = parsePath(axis.path) ?? [];
  return { path: axis.path, values: values.map((value) => getAt(mapExperiment(axis.set(base, value)), path) as object) };
}
