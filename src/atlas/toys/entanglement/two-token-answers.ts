import type { Experiment, ObjectiveChoice } from '../../../core/experiment.ts';
import { withCosine, withNorm } from '../../../core/vectors.ts';

/**
 * Two answers of two tokens in the unconstrained-features model (arXiv:2410.08847, section 4.1): they begin differently and end with the
 * same token, which is predicted from a hidden vector of each answer's own. How alike these are is what CHES measures.
 */
export interface TwoTokenAnswers {
  /** cosine of the hidden vectors after the chosen and after the rejected first token */
  cosine: number;
  /** length of the hidden vector after the chosen first token */
  chosenLength: number;
  train: 'both' | 'hidden' | 'unembedding';
  objective: Exclude<ObjectiveChoice, { mix: unknown }>;
  learningRate: number;
  /** number of updates */
  steps: number;
}

const prompt = [0.6, -0.4, 0.8, 0.2];
const afterChosen = [0.8, 0.5, -0.3, 0.4];
const afterRejected = [-0.9, 1.2, 0.9, 1.0];
const unembedding = [
  [1, 0.2, 0.8, -0.3],
  [0.7, -0.6, 1.1, 0.1],
  [0.3, 0.9, -0.2, 0.8],
  [-0.8, 0.4, 0.1, 0.6],
  [0.1, -0.9, -0.7, -0.5],
];
const [chosenFirst, rejectedFirst, shared] = [0, 1, 2];

/** The toy as an experiment. */
export const twoTokenAnswers = (settings: TwoTokenAnswers): Experiment => ({
  policy: {
    kind: 'sequence',
    form: 'features',
    prefixes: [
      { prompt: 0, tokens: [], hidden: prompt },
      { prompt: 0, tokens: [chosenFirst], hidden: withNorm(afterChosen, settings.chosenLength) },
      { prompt: 0, tokens: [rejectedFirst], hidden: withCosine(afterChosen, afterRejected, settings.cosine) },
    ],
    unembedding,
    train: settings.train,
  },
  pairs: [{ prompt: 0, chosen: [chosenFirst, shared], rejected: [rejectedFirst, shared], rewards: [1, 0], label: 1 }],
  objective: settings.objective,
  optimizer: { kind: 'sgd', learningRate: settings.learningRate, steps: settings.steps },
});
