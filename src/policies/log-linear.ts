import { assertInteger, assertMatrix, assertObject, assertPositive } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { LogLinearPolicy } from '../core/experiment.ts';
import { featuresForm } from './features-form.ts';
import { outcomePositions, outcomeRules } from './outcomes.ts';
import type { PolicyKind } from './policy.ts';
import { flatten } from './tensors.ts';

/** The feature matrix [K][d]. */
export function responseFeatures(features: LogLinearPolicy['features']): readonly (readonly number[])[] {
  if (Array.isArray(features)) return features;
  const { responses, centres, width } = features;
  return Array.from({ length: responses }, (_, y) => centres.map((centre) => Math.exp(-((y - centre) ** 2) / (2 * width ** 2))));
}

export const logLinearKind: PolicyKind<LogLinearPolicy> = {
  validate: ({ weights, features }) => {
    const [prompts, dimensions] = assertMatrix('policy.weights', weights);
    assertObject('policy.features', features);
    if (!Array.isArray(features)) {
      assertInteger('policy.features.responses', features.responses, 1, 2 ** 24);
      assertMatrix('policy.features.centres', [features.centres]);
      assertPositive('policy.features.width', features.width);
    }
    const [columns, width] = assertMatrix('policy.features', responseFeatures(features));
    if (width !== dimensions)
      throw new ExperimentError(
        'policy.weights',
        `has rows of length ${dimensions}, but a response has ${width} features; make them equal.`,
      );
    return outcomeRules(prompts, columns);
  },
  define: ({ weights, features }) => ({
    ...featuresForm(
      weights[0]?.length ?? 0,
      [
        { name: 'weights', values: flatten(weights), trained: true },
        { name: 'features', values: flatten(responseFeatures(features)), trained: false },
      ],
      'logLinear',
    ),
    prompts: weights.length,
    response: 'outcome',
    hidden: null,
    offsets: null,
    positions: outcomePositions(),
  }),
  python: () => ({
    words: 'logits = fixed features of the answers times weights of the prompt',
    logits: 'WEIGHTS @ FEATURES.T',
    context: 'prompt',
  }),
};
