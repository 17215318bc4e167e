import type { Experiment, ObjectiveChoice } from '../../core/experiment.ts';

/**
 * Preferences between ten responses on a line, generated from true rewards: labels may be turned round, and only a part of the responses
 * may appear in the data. Which pairs there are is drawn from the seed.
 */
export interface NoisyLabels {
  /** rate at which labels are turned round */
  flipRate: number;
  /** share of the responses that may appear */
  coverage: number;
  /** of the Bradley–Terry labels */
  temperature: number;
  /** number of pairs */
  count: number;
  /** factor of the logits at the start */
  sharpness: number;
  objective: Exclude<ObjectiveChoice, { mix: unknown }>;
  learningRate: number;
  /** number of updates */
  steps: number;
}

const responses = 10;

/** True rewards, from 0 to 1: best at response 7. */
export const labelRewards: readonly number[] = Array.from({ length: responses }, (_, a) => Math.exp(-(((a - 7) / 2.5) ** 2)));

/** The policy before training prefers response 2, by logits times `sharpness`. */
const startLogits = (sharpness: number): number[] => Array.from({ length: responses }, (_, a) => -sharpness * ((a - 2) / 3) ** 2);

/** The toy as an experiment. */
export const noisyLabels = (settings: NoisyLabels): Experiment => ({
  policy: { kind: 'tabular', logits: [startLogits(settings.sharpness)] },
  pairs: [],
  data: {
    kind: 'bradley-terry',
    rewards: [[...labelRewards]],
    count: settings.count,
    temperature: settings.temperature,
    flipRate: settings.flipRate,
    coverage: settings.coverage,
  },
  objective: settings.objective,
  optimizer: { kind: 'sgd', learningRate: settings.learningRate, steps: settings.steps },
});
