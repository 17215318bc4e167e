import type { Experiment } from '../core/experiment.ts';
import { noOverNever, toyPolicy } from '../experiments/no-over-never.ts';
import { symbolText } from './format.ts';
import { viewObjective, withParameter } from './objective-view.ts';
import { type Range, rangeOf, ranges, type ToySettings } from './settings.ts';

/** One number of the toy's experiment that the map may vary. */
export interface MapAxis {
  /** 'learningRate', 'scale', 'steps', or 'p.' and a parameter of the objective */
  readonly id: string;
  readonly label: string;
  /** where it stands in the experiment */
  readonly path: string;
  /** the ends drawn */
  readonly range: Range;
  value(settings: ToySettings): number;
  set(settings: ToySettings, value: number): ToySettings;
}

/** Every axis that the settings offer. */
export function axesOf(settings: ToySettings): MapAxis[] {
  return [
    {
      id: 'scale',
      label: 'scale c',
      path: 'policy.scale',
      range: ranges.scale,
      value: ({ scale }) => scale,
      set: (all, scale) => ({ ...all, scale }),
    },
    {
      id: 'learningRate',
      label: 'learning rate η',
      path: 'optimizer.learningRate',
      range: { ...ranges.learningRate, min: 1e-3, max: 10 },
      value: ({ learningRate }) => learningRate,
      set: (all, learningRate) => ({ ...all, learningRate }),
    },
    {
      id: 'steps',
      label: 'updates',
      path: 'optimizer.steps',
      range: { ...ranges.steps, max: 1000 },
      value: ({ steps }) => steps,
      set: (all, steps) => ({ ...all, steps }),
    },
    ...viewObjective(settings.objective).parameters.map(({ name, about }) => ({
      id: `p.${name}`,
      label: symbolText(about.tex),
      path: `objective.params.${name}`,
      range: rangeOf(about),
      value: ({ objective }: ToySettings) =>
        viewObjective(objective).parameters.find((parameter) => parameter.name === name)?.value ?? about.default,
      set: (all: ToySettings, value: number) => ({ ...all, objective: withParameter(all.objective, name, value) }),
    })),
  ];
}

/** The middle of each of `count` cells along an axis. */
export function cellValues({ min, max, logarithmic, integer }: Range, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const at = (index + 0.5) / count;
    const value = logarithmic ? min * (max / min) ** at : min + (max - min) * at;
    return integer ? Math.round(value) : value;
  });
}

/**
 * The toy as the map trains it: unembedding and hidden vector unscaled, with c as a number of the policy that an axis can vary, and every
 * parameter of the objective written out.
 */
export function mapExperiment(settings: ToySettings, record?: readonly number[]): Experiment {
  const { record: _, ...experiment } = noOverNever(settings);
  const params = Object.fromEntries(viewObjective(settings.objective).parameters.map(({ name, value }) => [name, value]));
  return {
    ...experiment,
    policy: { ...toyPolicy(1, settings.train, settings.vectors), scale: settings.scale },
    objective: { ...settings.objective, params } as Experiment['objective'],
    ...(record ? { record: [...record] } : {}),
  };
}
