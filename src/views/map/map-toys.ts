import { noOverNever, type ToyVectors, tokens, toyPolicy, toyVectors } from '../../atlas/toys/no-over-never.ts';
import { labelRewards, noisyLabels } from '../../atlas/toys/noisy-labels.ts';
import { sharedSuffix } from '../../atlas/toys/shared-suffix.ts';
import { twoTokenAnswers } from '../../atlas/toys/two-token-answers.ts';
import type { Experiment } from '../../core/experiment.ts';
import { type PageChoice, viewObjective } from '../../shell/losses/objective-view.ts';

export { labelRewards };

/** The experiments that a map can be made of. */
export const toys = [
  {
    id: 'displacement',
    title: 'No over Never',
    about: 'One pair, “No” over “Never”, and six token vectors: when does “No” itself fall?',
    x: 'scale',
    y: 'learningRate',
    own: { learningRate: 0.1, steps: 200 },
  },
  {
    id: 'suffix',
    title: 'Shared suffix',
    about: 'Two answers that differ in one token and share the rest: when do both fall, or both rise?',
    x: 'suffix',
    y: 'afterRejected',
    own: { learningRate: 1, steps: 60 },
  },
  {
    id: 'hidden',
    title: 'Two-token answers',
    about: 'Two answers whose last tokens are predicted from similar hidden vectors, as CHES measures it.',
    x: 'cosine',
    y: 'chosenLength',
    own: { learningRate: 0.1, steps: 200 },
  },
  {
    id: 'labels',
    title: 'Noisy labels',
    about: 'Ten responses and generated preferences, some turned round, some responses never seen: what reward is reached?',
    x: 'flipRate',
    y: 'learningRate',
    own: { learningRate: 1, steps: 100 },
  },
] as const;
export type ToyId = (typeof toys)[number]['id'];

export const toyOf = (id: ToyId): (typeof toys)[number] => toys.find((toy) => toy.id === id) ?? toys[0];

/** The experiment of every run of a map: what all toys have, and what each has of its own. */
export interface MapBase {
  readonly toy: ToyId;
  readonly objective: PageChoice;
  readonly learningRate: number;
  /** number of updates */
  readonly steps: number;
  /** standard deviation of the noise on every trained number at the start */
  readonly noise: number;
  /** of the first run of each cell */
  readonly seed: number;
  readonly train: 'both' | 'hidden' | 'unembedding';
  readonly scale: number;
  readonly vectors: ToyVectors;
  readonly suffix: number;
  readonly afterChosen: number;
  readonly afterRejected: number;
  readonly first: number;
  readonly cosine: number;
  readonly chosenLength: number;
  readonly flipRate: number;
  readonly coverage: number;
  readonly temperature: number;
  readonly count: number;
  readonly sharpness: number;
}

export const defaultBase: MapBase = {
  toy: 'displacement',
  objective: { name: 'dpo', params: { beta: 0.1 } },
  learningRate: 0.1,
  steps: 200,
  noise: 0,
  seed: 0,
  train: 'both',
  scale: 3,
  vectors: toyVectors,
  suffix: 8,
  afterChosen: 0.6,
  afterRejected: 0.2,
  first: 0.4,
  cosine: 0.5,
  chosenLength: 1,
  flipRate: 0.1,
  coverage: 1,
  temperature: 0.25,
  count: 24,
  sharpness: 1,
};

/** Longest suffix of a map; every run's policy has as many positions, so that runs of all lengths share one. */
export const longestSuffix = 20;

const known = new WeakMap<PageChoice, PageChoice>();
/** The choice with every parameter written out, as an axis needs it. */
function writtenOut(choice: PageChoice): PageChoice {
  const before = known.get(choice);
  if (before) return before;
  const params = Object.fromEntries(viewObjective(choice).parameters.map(({ name, value }) => [name, value]));
  const whole = { ...choice, params: { ...choice.params, ...params } } as PageChoice;
  known.set(choice, whole);
  return whole;
}

function plainExperiment(base: MapBase, objective: PageChoice): Experiment {
  const settings = { ...base, objective };
  switch (base.toy) {
    case 'displacement': {
      const { record: _, ...experiment } = noOverNever(settings);
      // unscaled vectors, with c as a number of the policy that an axis can vary
      return { ...experiment, policy: { ...toyPolicy(1, base.train, base.vectors), scale: base.scale } };
    }
    case 'suffix': {
      const own = { ...settings, update: 'plain', masked: [] } as const;
      return { ...sharedSuffix({ ...own, suffix: longestSuffix }), pairs: sharedSuffix(own).pairs };
    }
    case 'hidden':
      return twoTokenAnswers(settings);
    case 'labels':
      return noisyLabels(settings);
    default:
      return base.toy satisfies never;
  }
}

/** The run of these settings, as a map trains it; `seed` counts from the first run of its cell. */
export function mapExperiment(base: MapBase, seed = 0, record?: readonly number[]): Experiment {
  const experiment = plainExperiment(base, writtenOut(base.objective));
  return {
    ...experiment,
    policy: { ...experiment.policy, noise: base.noise },
    seed: base.seed + seed,
    ...(record ? { record: [...record] } : {}),
  };
}

/** Names of the outcomes whose probabilities a run records; null where responses are several tokens. */
export function outcomesOf(toy: ToyId): readonly string[] | null {
  if (toy === 'displacement') return tokens;
  return toy === 'labels' ? labelRewards.map((_, response) => `response ${response}`) : null;
}
