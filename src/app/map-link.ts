import type { LinkFields, LinkReader } from './link.ts';
import { axesOf } from './map-axes.ts';
import { metrics } from './map-metrics.ts';
import { readObjective, writeObjective } from './objective-link.ts';
import { defaultMap, type MapState, resolutions } from './phase-map.svelte.ts';
import { ranges } from './settings.ts';
import { readVectors, writeVectors } from './vectors-link.ts';

export function writeMap(state: MapState): LinkFields {
  const { base, x, y, resolution, metric, thresholds } = state;
  const numbers = { scale: base.scale, lr: base.learningRate, steps: base.steps };
  const defaults = { scale: defaultMap.base.scale, lr: defaultMap.base.learningRate, steps: defaultMap.base.steps };
  return {
    run: {
      ...(x === defaultMap.x ? {} : { x }),
      ...(y === defaultMap.y ? {} : { y }),
      ...(base.train === defaultMap.base.train ? {} : { train: base.train }),
      ...Object.fromEntries(
        Object.entries(numbers)
          .filter(([name, value]) => value !== defaults[name as keyof typeof defaults])
          .map(([name, value]) => [name, String(value)]),
      ),
      ...writeObjective(base.objective),
      ...writeVectors(base.vectors),
      ...(resolution === defaultMap.resolution ? {} : { cells: String(resolution) }),
    },
    look: {
      ...(metric === defaultMap.metric ? {} : { colour: metric }),
      ...(thresholds.fall === defaultMap.thresholds.fall ? {} : { fall: String(thresholds.fall) }),
      ...(thresholds.takeover === defaultMap.thresholds.takeover ? {} : { takeover: String(thresholds.takeover) }),
    },
  };
}

export function readMap(reader: LinkReader): MapState {
  const { base: usual } = defaultMap;
  const base = {
    train: reader.choice('train', ['hidden', 'unembedding', 'both']) ?? usual.train,
    scale: reader.number('scale', ranges.scale) ?? usual.scale,
    learningRate: reader.number('lr', ranges.learningRate) ?? usual.learningRate,
    steps: reader.number('steps', ranges.steps) ?? usual.steps,
    objective: readObjective(reader),
    vectors: readVectors(reader),
  };
  const axes = axesOf(base).map(({ id }) => id);
  const x = reader.choice('x', axes) ?? defaultMap.x;
  const y =
    reader.choice(
      'y',
      axes.filter((id) => id !== x),
    ) ??
    axes.find((id) => id === defaultMap.y && id !== x) ??
    axes.find((id) => id !== x) ??
    'steps';
  const cells = reader.choice('cells', resolutions.map(String));
  const share = { min: 0, max: 1, integer: false };
  return {
    base,
    x,
    y,
    resolution: resolutions.find((count) => String(count) === cells) ?? defaultMap.resolution,
    metric: reader.choice('colour', ['regime', ...metrics.map(({ id }) => id)]) ?? defaultMap.metric,
    thresholds: {
      fall: reader.number('fall', { min: 0, max: 20, integer: false }) ?? defaultMap.thresholds.fall,
      takeover: reader.number('takeover', share) ?? defaultMap.thresholds.takeover,
    },
  };
}
