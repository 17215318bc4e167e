import { ranges } from '../../atlas/toys/ranges.ts';
import { checked, choice, type Field, list, named, number, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { version } from '../../shell/links/link.ts';
import { readObjective, writeObjective } from '../../shell/losses/objective-link.ts';
import { defaultMap, freshMap, type MapState, mostProbes, mostSeeds, type Place, resolutions } from './phase-map.svelte.ts';
import { type AxisChoice, axesOf, type MapAxis } from './toys/map-axes.ts';
import { metricsOf, type RegimeThresholds, thresholdAbout, thresholdsFrom, thresholdsOfVersion } from './toys/map-metrics.ts';
import { type MapBase, type NumberId, numbersOf, type ToyId, toyOf, toys } from './toys/map-toys.ts';

const toyIds = toys.map(({ id }) => id);
const toyField = choice<ToyId>('toy', toyIds, toyIds[0] ?? toys[0].id);

/** The numbers of the settings that a toy has. */
function numberFields(toy: ToyId, usual: MapBase) {
  const own = numbersOf(toy).map(([id, { key = id, range, valid: [min, max] = [range.min, range.max] }]) => [
    id,
    number(key, { min, max, integer: range.integer }, usual[id]),
  ]);
  return table({
    learningRate: number('lr', ranges.learningRate, usual.learningRate),
    steps: number('steps', { ...ranges.steps, min: 1 }, usual.steps),
    noise: number('noise', { min: 0, max: 10, integer: false }, usual.noise),
    seed: number('seed', { min: 0, max: 2 ** 31, integer: true }, usual.seed),
    ...Object.fromEntries(own),
  } as { readonly [Id in NumberId]: Field<number> });
}

/** The settings of a toy; those of other toys are as they begin. */
function baseOf(toy: ToyId): Field<MapBase> {
  const { base: usual } = freshMap(toy);
  const { rest, isTrainable } = toyOf(toy);
  const train = choice('train', ['hidden', 'unembedding', 'both'], usual.train);
  const numbers = numberFields(toy, usual);
  return {
    read: (reader) => ({
      ...usual,
      ...numbers.read(reader),
      ...rest?.read(reader),
      ...(isTrainable ? { train: train.read(reader) } : {}),
      objective: readObjective(reader, null, toyOf(toy).takesGroups),
    }),
    write: (base) => ({
      ...(isTrainable ? train.write(base.train) : {}),
      ...numbers.write(base),
      ...writeObjective(base.objective),
      ...rest?.write(base),
    }),
  };
}

/** What the fields of the objective to compare with begin with. */
const otherPrefix = 'o.';
const otherField = (toy: ToyId): Field<MapState['other']> => ({
  read: (reader) =>
    reader.choice('compare', ['yes']) &&
    readObjective(
      {
        take: (key) => reader.take(otherPrefix + key),
        refuse: (key, value, reason) => reader.refuse(otherPrefix + key, value, reason),
      },
      null,
      toyOf(toy).takesGroups,
    ),
  write: (other) =>
    other === null
      ? {}
      : {
          compare: 'yes',
          ...Object.fromEntries(Object.entries(writeObjective(other)).map(([key, value]) => [otherPrefix + key, value])),
        },
});

/** One of the axes, the first of them where `usual` is none; any are written. */
function axisField(name: 'x' | 'y', usual: string, axes: readonly MapAxis[] = []): Field<AxisChoice> {
  const ids = axes.map(({ id }) => id);
  const end = (key: string) => (above: AxisChoice) => {
    const axis = axes.find(({ id }) => id === above.id);
    const limits = { min: -1e6, max: 1e6, integer: axis?.range.integer ?? false };
    const rule = `It must be a value that the axis “${axis?.label ?? above.id}” can have.`;
    return checked(number(key, limits, null), key, null, (value) => value === null || axis?.allows(value) === true, rule);
  };
  return table<AxisChoice>({
    id: choice(name, ids, ids.includes(usual) ? usual : (ids[0] ?? usual)),
    from: end(`${name}from`),
    to: end(`${name}to`),
    logarithmic: text(
      `${name}scale`,
      named([
        ['log', true],
        ['linear', false],
      ]),
      null,
    ),
  });
}

type Look = Pick<MapState, 'metric' | 'thresholds' | 'probes'>;
type Run = Omit<MapState, keyof Look>;

const size = table<Pick<MapState, 'resolution' | 'seeds'>>({
  resolution: text('cells', named(resolutions.map((count) => [String(count), count])), defaultMap.resolution),
  seeds: number('seeds', { min: 1, max: mostSeeds, integer: true }, defaultMap.seeds),
});

/** Which axes there are depends on the settings, which stand behind them in a link. */
const runField: Field<Run> = {
  read: (reader) => {
    const toy = toyField.read(reader);
    const base = baseOf(toy).read(reader);
    const other = otherField(toy).read(reader);
    const axes = axesOf(base, other ? [other] : []);
    const x = axisField('x', toyOf(toy).x, axes).read(reader);
    const free = axes.filter(({ id }) => id !== x.id);
    return { base, x, y: axisField('y', toyOf(toy).y, free).read(reader), ...size.read(reader), other };
  },
  write: ({ base, x, y, other, ...counts }) => ({
    ...toyField.write(base.toy),
    ...axisField('x', toyOf(base.toy).x).write(x),
    ...axisField('y', toyOf(base.toy).y).write(y),
    ...baseOf(base.toy).write(base),
    ...size.write(counts),
    ...otherField(base.toy).write(other),
  }),
};

/** A place in parts of ten thousand: '1250.9999'. */
const place: TextCodec<Place> = {
  read: (written) => {
    const [, x, y] = (/^(\d{1,4}|10000)\.(\d{1,4}|10000)$/.exec(written) ?? []).map((part) => Number(part) / 1e4);
    return x === undefined || y === undefined ? null : [x, y];
  },
  write: (at) => at.map((share) => Math.round(1e4 * share)).join('.'),
  rule: `It must be up to ${mostProbes} places such as 1250.7500, in parts of 10000 along both axes, with _ between them.`,
};

const thresholdsWith = (usual: RegimeThresholds) =>
  table<RegimeThresholds>(
    thresholdsFrom((name) => {
      const { most, max } = thresholdAbout[name];
      return number(name, { min: 0, max: most ?? max, integer: false }, usual[name]);
    }),
  );
const thresholds: Field<RegimeThresholds> = {
  read: (reader) => thresholdsWith(thresholdsOfVersion(reader.version)).read(reader),
  write: thresholdsWith(thresholdsOfVersion(version)).write,
};

const lookOf = ({ base: { toy } }: Run): Field<Look> =>
  table<Look>({
    metric: choice('colour', ['regime', ...metricsOf(toy).map(({ id }) => id)], defaultMap.metric),
    thresholds,
    probes: text('pins', list(place, '_', { min: 1, max: mostProbes }, place.rule), defaultMap.probes),
  });

export const { read: readMap, write: writeMap } = viewLink(runField, lookOf);
