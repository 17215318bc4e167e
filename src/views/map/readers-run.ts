import { type ExperimentWords, experimentWords } from '../../shell/experiment/experiment-words.ts';
import { experimentOf, type SharedExperiment } from '../../shell/experiment/shared-experiment.ts';
import { viewObjective } from '../../shell/losses/objective-view.ts';
import { type MapAxis, positionOf } from './toys/map-axes.ts';
import { defaultBase, type MapBase, mapExperiment } from './toys/map-toys.ts';

/** The reader's own run, as all views about its toy have it, on a map of that toy. */
export interface ReadersRun {
  /** 0 to 1 along each axis; null where it lies beyond an end, or an axis has no number of it */
  readonly place: readonly [x: number, y: number] | null;
  /** axes whose ends it lies beyond, with its number there */
  readonly beyond: readonly { readonly axis: MapAxis; readonly value: number }[];
  /** axes of a parameter that its loss has not */
  readonly without: readonly MapAxis[];
  /** what is on neither axis, and other than in the map's runs */
  readonly differs: readonly {
    readonly field: keyof SharedExperiment;
    readonly name: string;
    readonly own: string;
    readonly here: string;
  }[];
}

/** The map's toy is the one whose experiment views share. */
export const isSharedToy = ({ toy }: MapBase): boolean => toy === defaultBase.toy;

const has = ({ objective }: MapBase, { id }: MapAxis): boolean =>
  !id.startsWith('p.') || viewObjective(objective).parameters.some(({ name }) => `p.${name}` === id);

/** Turning a vector, or stretching it, to the length or angle that it has leaves rounding. */
const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
const numbersOf = ({ hidden, unembedding }: MapBase['vectors']): number[] => [...hidden, ...unembedding.flat()];

function isSame(field: keyof SharedExperiment, a: MapBase, b: MapBase): boolean {
  if (field === 'vectors') {
    const others = numbersOf(b.vectors);
    return numbersOf(a.vectors).every((value, index) => isNear(value, others[index] ?? Number.NaN));
  }
  if (field !== 'objective') return a[field] === b[field];
  const lossOf = (base: MapBase): string => JSON.stringify(mapExperiment(base).objective);
  return lossOf(a) === lossOf(b);
}

/** Where a run lies on the map of `base` over these axes, and what it has otherwise than the map's runs. */
export function readersRun(mine: SharedExperiment, base: MapBase, axes: readonly [x: MapAxis, y: MapAxis]): ReadersRun {
  const run: MapBase = { ...base, ...mine };
  const known = axes.filter((axis) => has(run, axis));
  const beyond = known
    .map((axis) => ({ axis, value: axis.value(run), at: positionOf(axis.value(run), axis) }))
    .filter(({ at }) => !(at >= 0 && at <= 1));
  const [x, y] = axes.map((axis) => positionOf(axis.value(run), axis));
  const isPlaced = known.length === axes.length && beyond.length === 0 && x !== undefined && y !== undefined;
  // The two numbers of the axes are alike in both from here on.
  const levelled = (of: MapBase): MapBase => axes.reduce((all, axis) => (has(all, axis) ? axis.set(all, axis.range.min) : all), of);
  const [own, here] = [levelled(run), levelled(base)];
  const partsOf = (of: MapBase): ExperimentWords['parts'] => experimentWords(experimentOf(of)).parts;
  const others = partsOf(base);
  return {
    place: isPlaced ? [x, y] : null,
    beyond,
    without: axes.filter((axis) => !known.includes(axis)),
    differs: partsOf(run).flatMap(({ field, name, value }) => {
      if (field === null || isSame(field, own, here)) return [];
      return { field, name, own: value, here: others.find((part) => part.field === field)?.value ?? '' };
    }),
  };
}
