import { ranges } from '../../atlas/toys/ranges.ts';
import type { LinkFields, LinkReader } from '../../shell/links/link.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';
import { type AxisChoice, axesOf, plainAxis } from './map-axes.ts';
import { defaultThresholds, metricsOf, thresholdAbout, thresholdIds, thresholdsFrom } from './map-metrics.ts';
import { type MapBase, type NumberId, numbersOf, type ThresholdId, type ToyId, toyOf, toys } from './map-toys.ts';
import { freshMap, type MapState, mostProbes, mostSeeds, type Place, resolutions } from './phase-map.svelte.ts';

/** The numbers of the settings: what a link calls them, and how far they may go. */
const linkNumbers = (toy: ToyId): { id: NumberId; key: string; min: number; max: number; integer: boolean }[] => [
  { id: 'learningRate', key: 'lr', ...ranges.learningRate },
  { id: 'steps', key: 'steps', ...ranges.steps, min: 1 },
  { id: 'noise', key: 'noise', min: 0, max: 10, integer: false },
  { id: 'seed', key: 'seed', min: 0, max: 2 ** 31, integer: true },
  ...numbersOf(toy).map(([id, { key = id, range, valid: [min, max] = [range.min, range.max] }]) => ({
    id,
    key,
    min,
    max,
    integer: range.integer,
  })),
];

/** What the fields of the objective to compare with begin with. */
const otherPrefix = 'o.';

function writeAxis(name: 'x' | 'y', { id, from, to, logarithmic }: AxisChoice, usual: AxisChoice): Record<string, string> {
  return {
    ...(id === usual.id ? {} : { [name]: id }),
    ...(from === null ? {} : { [`${name}from`]: String(from) }),
    ...(to === null ? {} : { [`${name}to`]: String(to) }),
    ...(logarithmic === null ? {} : { [`${name}scale`]: logarithmic ? 'log' : 'linear' }),
  };
}

export function writeMap(state: MapState): LinkFields {
  const { base, x, y, resolution, seeds, other, metric, thresholds, probes } = state;
  const usual = freshMap(base.toy);
  const { rest, isTrainable } = toyOf(base.toy);
  const changed = linkNumbers(base.toy).filter(({ id }) => base[id] !== usual.base[id]);
  const look = thresholdIds.filter((name) => thresholds[name] !== defaultThresholds[name]);
  const prefixed = (choice: PageChoice): Record<string, string> => {
    const fields = Object.entries(writeObjective(choice)).map(([key, value]) => [otherPrefix + key, value]);
    return { compare: 'yes', ...Object.fromEntries(fields) };
  };
  return {
    run: {
      ...(base.toy === toys[0].id ? {} : { toy: base.toy }),
      ...writeAxis('x', x, usual.x),
      ...writeAxis('y', y, usual.y),
      ...(isTrainable && base.train !== usual.base.train ? { train: base.train } : {}),
      ...Object.fromEntries(changed.map(({ id, key }) => [key, String(base[id])])),
      ...writeObjective(base.objective),
      ...rest?.write(base),
      ...(resolution === usual.resolution ? {} : { cells: String(resolution) }),
      ...(seeds === usual.seeds ? {} : { seeds: String(seeds) }),
      ...(other === null ? {} : prefixed(other)),
    },
    look: {
      ...(metric === usual.metric ? {} : { colour: metric }),
      ...Object.fromEntries(look.map((name) => [name, String(thresholds[name])])),
      ...(probes.length === 0 ? {} : { pins: probes.map((at) => at.map((share) => Math.round(1e4 * share)).join('.')).join('_') }),
    },
  };
}

function readAxis(reader: LinkReader, name: 'x' | 'y', axes: ReturnType<typeof axesOf>, usual: string): AxisChoice {
  const ids = axes.map(({ id }) => id);
  const id = reader.choice(name, ids) ?? (ids.includes(usual) ? usual : (ids[0] ?? usual));
  const axis = axes.find((one) => one.id === id);
  const end = (key: string): number | null => {
    const value = reader.number(key, { min: -1e6, max: 1e6, integer: axis?.range.integer ?? false });
    if (value === null || axis?.allows(value)) return value;
    reader.refuse(key, String(value), `It must be a value that the axis “${axis?.label ?? id}” can have.`);
    return null;
  };
  const [from, to] = [end(`${name}from`), end(`${name}to`)];
  const scale = reader.choice(`${name}scale`, ['log', 'linear']);
  return { ...plainAxis(id), from, to, logarithmic: scale === null ? null : scale === 'log' };
}

/** The fields that begin with the prefix, to be read without it; what is wrong with them is kept in `reader`. */
function readOther(reader: LinkReader): PageChoice {
  return readObjective({
    take: (key) => reader.take(otherPrefix + key),
    refuse: (key, value, reason) => reader.refuse(otherPrefix + key, value, reason),
  });
}

/** The places of watched runs, in parts of ten thousand: '1250.9999_40.7'. */
function readProbes(reader: LinkReader): Place[] {
  const text = reader.take('pins');
  if (text === null) return [];
  const places = text.split('_');
  if (places.length <= mostProbes && places.every((place) => /^(\d{1,4}|10000)\.(\d{1,4}|10000)$/.test(place)))
    return places.map((place): Place => {
      const [x = 0, y = 0] = place.split('.').map((part) => Number(part) / 1e4);
      return [x, y];
    });
  reader.refuse(
    'pins',
    text,
    `It must be up to ${mostProbes} places such as 1250.7500, in parts of 10000 along both axes, with _ between them.`,
  );
  return [];
}

export function readMap(reader: LinkReader): MapState {
  const toy =
    reader.choice(
      'toy',
      toys.map(({ id }) => id),
    ) ?? toys[0].id;
  const usual = freshMap(toy);
  const { rest, isTrainable } = toyOf(toy);
  const base: MapBase = {
    ...usual.base,
    ...Object.fromEntries(linkNumbers(toy).map(({ id, key, ...range }) => [id, reader.number(key, range) ?? usual.base[id]])),
    ...rest?.read(reader),
    ...(isTrainable ? { train: reader.choice('train', ['hidden', 'unembedding', 'both']) ?? usual.base.train } : {}),
    objective: readObjective(reader),
  };
  const other = reader.choice('compare', ['yes']) ? readOther(reader) : null;
  const axes = axesOf(base, other ? [other] : []);
  const x = readAxis(reader, 'x', axes, usual.x.id);
  const free = axes.filter(({ id }) => id !== x.id);
  const y = readAxis(reader, 'y', free, usual.y.id);
  const cells = reader.choice('cells', resolutions.map(String));
  const threshold = (name: ThresholdId) =>
    reader.number(name, { min: 0, max: thresholdAbout[name].most ?? thresholdAbout[name].max, integer: false }) ?? defaultThresholds[name];
  return {
    base,
    x,
    y,
    resolution: resolutions.find((count) => String(count) === cells) ?? usual.resolution,
    seeds: reader.number('seeds', { min: 1, max: mostSeeds, integer: true }) ?? usual.seeds,
    other,
    metric: reader.choice('colour', ['regime', ...metricsOf(toy).map(({ id }) => id)]) ?? usual.metric,
    thresholds: thresholdsFrom(threshold),
    probes: readProbes(reader),
  };
}
