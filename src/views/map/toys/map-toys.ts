import type { Experiment } from '../../../core/experiment.ts';
import { trainedOnPair } from '../../../shell/losses/groups-on-pair.ts';
import { type PageChoice, viewObjective } from '../../../shell/losses/objective-view.ts';
import { displacement } from './displacement.ts';
import { hidden } from './hidden.ts';
import { labels } from './labels.ts';
import type { MapToy, NumberAbout, SharedBase } from './map-toy.ts';
import { suffix } from './suffix.ts';

/** The experiments that a map can be made of. */
export const toys = [displacement, suffix, hidden, labels] as const;

type Toy = (typeof toys)[number];
export type ToyId = Toy['id'];

type Both<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer All) => void ? All : never;
type NumbersOf<T> = T extends { numbers: infer N } ? { readonly [Name in keyof N]: number } : never;
type RestOf<T> = T extends { rest: { defaults: infer Rest } } ? Rest : never;
type Settings = Both<NumbersOf<Toy> | RestOf<Toy>>;
type ThresholdOf<T> = T extends { regimes: { thresholds: infer Thresholds } } ? keyof Thresholds : never;
/** A line between the regimes of some toy. */
export type ThresholdId = ThresholdOf<Toy>;

/** The experiment of every run of a map: what all toys have, and what each has of its own, so that a reader finds it again. */
export type MapBase = SharedBase & Settings & { readonly toy: ToyId };
export type NumberId = keyof NumbersOf<Toy> | keyof Both<NumbersOf<Toy>> | 'learningRate' | 'steps' | 'noise' | 'seed';

export const toyOf = (id: ToyId): MapToy<Settings, ThresholdId> => toys.find((toy) => toy.id === id) ?? toys[0];

/** The numbers of a toy's own. */
export const numbersOf = (id: ToyId) => Object.entries(toyOf(id).numbers) as [NumberId, NumberAbout][];

export const defaultBase = {
  toy: toys[0].id,
  objective: { name: 'dpo', params: { beta: 0.1 } },
  ...toys[0].start,
  noise: 0,
  seed: 0,
  train: 'both',
  ...Object.fromEntries(toys.flatMap(({ id }) => numbersOf(id).map(([name, about]) => [name, about.default]))),
  ...Object.assign({}, ...toys.map(({ id }) => toyOf(id).rest?.defaults)),
} as MapBase;

const known = new WeakMap<PageChoice, PageChoice>();
/** The choice as it trains, with every parameter written out, as an axis needs it. */
function writtenOut(choice: PageChoice): PageChoice {
  const before = known.get(choice);
  if (before) return before;
  const params = Object.fromEntries(viewObjective(choice).parameters.map(({ name, value }) => [name, value]));
  const whole = trainedOnPair({ ...choice, params: { ...choice.params, ...params } } as PageChoice);
  known.set(choice, whole);
  return whole;
}

/** The run of these settings, as a map trains it; `seed` counts from the first run of its cell. */
export function mapExperiment(base: MapBase, seed = 0, record?: readonly number[]): Experiment {
  const experiment = toyOf(base.toy).experiment({ ...base, objective: writtenOut(base.objective) });
  return {
    ...experiment,
    policy: { ...experiment.policy, noise: base.noise },
    seed: base.seed + seed,
    ...(record ? { record: [...record] } : {}),
  };
}
