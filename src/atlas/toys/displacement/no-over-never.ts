import type { Experiment, FeaturesPolicy, ObjectiveChoice } from '../../../core/experiment.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import { dot } from '../../../core/vectors.ts';
import { overOf } from '../../../objectives/over.ts';
import { partsUntil, type RunPart } from '../forked-run.ts';
import { type MovingReference, referenceSync } from '../moving-reference.ts';

/**
 * The smallest model that shows likelihood displacement (arXiv:2410.08847, section 4): one prompt, six tokens, a
 * hidden vector of three numbers, and one pair that prefers "No" over "Never". "Yes", the opposite, is not in the data.
 */
export const tokens = ['No', 'Never', 'Yes', 'Sure', 'Maybe', 'the'] as const;
export const chosenToken = 0;
export const rejectedToken = 1;

/** The vectors of the toy, before scaling. */
export interface ToyVectors {
  /** h, [d] */
  readonly hidden: readonly number[];
  /** W, [tokens, d] */
  readonly unembedding: readonly (readonly number[])[];
}

const unembedding: ToyVectors['unembedding'] = [
  [-1, 0, 1],
  [-2, 1, 1],
  [1, 0, 1],
  [1, 0.6, 0.6],
  [0, 0.2, 0.6],
  [0, -0.2, -1],
];

export const toyVectors: ToyVectors = { hidden: [-1, -4, 1.5], unembedding };

/** The part of a forked run that is over. */
export interface PastUpdates extends RunPart {
  readonly objective: ToySettings['objective'];
  readonly learningRate: number;
}

export interface ToySettings {
  /** as the reader has placed them */
  vectors: ToyVectors;
  /** which parameters the optimiser changes */
  train: 'both' | 'hidden' | 'unembedding';
  /** c: unembedding × c, hidden / c; the policy before training is the same for every c */
  scale: number;
  objective: Exclude<ObjectiveChoice, { mix: unknown }>;
  learningRate: number;
  /** number of updates */
  steps: number;
  /** how the reference follows the policy; null: it stays at the start */
  sync: MovingReference | null;
  /** of a forked run, in order; objective and step size of the settings hold after it */
  past?: readonly PastUpdates[];
}

/** What each choice of trained parameters starts from: the toy's published step sizes, and a c that shows the effect. */
export const trainPresets: Readonly<Record<ToySettings['train'], Pick<ToySettings, 'scale' | 'learningRate'>>> = {
  hidden: { scale: 1, learningRate: 1 },
  unembedding: { scale: 1, learningRate: 0.05 },
  both: { scale: 3, learningRate: 0.1 },
};

export const defaultSettings: ToySettings = {
  train: 'hidden',
  objective: { name: 'dpo', params: { beta: 0.1 } },
  steps: 100,
  vectors: toyVectors,
  sync: null,
  ...trainPresets.hidden,
};

/** The toy's policy before training, with unembedding × c and hidden / c. */
export const toyPolicy = (scale = 1, train: ToySettings['train'] = 'both', vectors: ToyVectors = toyVectors): FeaturesPolicy => ({
  kind: 'features',
  hidden: [vectors.hidden.map((value) => value / scale)],
  unembedding: vectors.unembedding.map((row) => row.map((value) => value * scale)),
  train,
});

/** The pair's log-probs before training, in nats: those of the reference, too. The scale leaves them as they are. */
export function toyStart({ hidden, unembedding }: ToyVectors) {
  const logps = logSoftmax(unembedding.map((row) => dot(row, hidden)));
  const [chosen, rejected] = [logps[chosenToken] ?? Number.NaN, logps[rejectedToken] ?? Number.NaN];
  return { chosen, rejected, refChosen: chosen, refRejected: rejected };
}

/** What trains the toy when. */
export const partsOf = ({ past = [], objective, learningRate, steps }: ToySettings): [PastUpdates, ...PastUpdates[]] =>
  partsUntil(past, { until: steps, objective, learningRate });

/** What the toy trains on: its pair, or for an objective of groups that pair as a group of two, one reward apart. */
function itemsFor(objective: ObjectiveChoice): Pick<Experiment, 'pairs' | 'groups'> {
  if (overOf(objective) === 'groups')
    return { pairs: [], groups: [{ prompt: 0, responses: [chosenToken, rejectedToken], rewards: [1, 0] }] };
  // one reward apart and a certain label, for objectives that read either
  return { pairs: [{ prompt: 0, chosen: chosenToken, rejected: rejectedToken, rewards: [1, 0], label: 1 }] };
}

/**
 * The toy as an experiment that records every step, 0 and the last included. A forked run has a stage for each part; its reference stays
 * the policy at step 0, or goes on moving.
 */
export const noOverNever = (settings: ToySettings): Experiment => {
  const { train, scale, vectors, steps, sync } = settings;
  const parts = partsOf(settings).map(({ until, objective, learningRate }, index, all) => ({
    // a stage keeps the items of the one before where it does not name its own
    ...(index > 0 && overOf(objective) !== overOf(all[index - 1]?.objective ?? objective) ? itemsFor(objective) : {}),
    objective,
    optimizer: { kind: 'sgd' as const, learningRate, steps: until - (all[index - 1]?.until ?? 0) },
  }));
  const rest = parts.slice(1);
  return {
    policy: toyPolicy(scale, train, vectors),
    ...itemsFor(parts[0]?.objective ?? settings.objective),
    ...(parts[0] as (typeof parts)[number]),
    ...(sync ? { syncReference: referenceSync(sync) } : {}),
    ...(rest.length > 0
      ? { stages: rest.map((part) => ({ ...part, ...(sync ? {} : { reference: 'run start' as const }), optimizerState: 'kept' as const })) }
      : {}),
    record: Array.from({ length: steps + 1 }, (_, step) => step),
  };
};
