import { assertInteger, assertList, assertMatrix, assertObject, assertPositive } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { LogLinearPolicy } from '../core/experiment.ts';
import { list, numbers } from '../core/python-literals.ts';
import { featuresForm } from './features-form.ts';
import { withOffsets } from './offset-products.ts';
import { outcomePositions, outcomeRules } from './outcomes.ts';
import type { PolicyKind } from './policy.ts';
import { flatten } from './tensors.ts';

/** The feature matrix [K][d]. */
export function responseFeatures(features: LogLinearPolicy['features']): readonly (readonly number[])[] {
  if (Array.isArray(features)) return features;
  const { responses, centres, width } = features;
  return Array.from({ length: responses }, (_, y) => centres.map((centre) => Math.exp(-((y - centre) ** 2) / (2 * width ** 2))));
}

/** A row of frozen logits for each prompt, or one for all. */
const baseRows = (base: NonNullable<LogLinearPolicy['base']>): number[][] => (isRow(base) ? [base] : base);
const isRow = (base: number[] | number[][]): base is number[] => !Array.isArray(base[0]);

function assertBase(base: NonNullable<LogLinearPolicy['base']>, prompts: number, columns: number): void {
  assertList('policy.base', base);
  const [rows, width] = assertMatrix('policy.base', baseRows(base));
  if (width !== columns || (rows !== prompts && !isRow(base)))
    throw new ExperimentError(
      'policy.base',
      `is [${isRow(base) ? width : `${rows}, ${width}`}], but must be [K] = [${columns}], or [prompts, K] = [${prompts}, ${columns}].`,
    );
}

export const logLinearKind: PolicyKind<LogLinearPolicy> = {
  validate: ({ weights, features, base }) => {
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
    if (base !== undefined) assertBase(base, prompts, columns);
    return outcomeRules(prompts, columns);
  },
  define: ({ weights, features, base }) => {
    const form = featuresForm(
      weights[0]?.length ?? 0,
      [
        { name: 'weights', values: flatten(weights), trained: true },
        { name: 'features', values: flatten(responseFeatures(features)), trained: false },
      ],
      ['logLinear', base],
    );
    return {
      ...form,
      passes: (backend) => {
        const open = form.fused.stacked(1)(backend);
        return base ? withOffsets(backend, form.columns, open) : open;
      },
      prompts: weights.length,
      response: 'outcome',
      hidden: null,
      // row 0 is that of a policy without a base
      offsets: base ? flatten([responseFeatures(features).map(() => 0), ...baseRows(base)]) : null,
      positions: outcomePositions((prompt) => (base ? 1 + (isRow(base) ? 0 : prompt) : 0)),
    };
  },
  python: ({ base }) => ({
    words: 'logits = fixed features of the answers times weights of the prompt',
    ...(base
      ? { lines: ['# frozen logits', `BASE = torch.tensor(${list(baseRows(base).map(numbers))})`], logits: 'WEIGHTS @ FEATURES.T + BASE' }
      : { logits: 'WEIGHTS @ FEATURES.T' }),
    context: 'prompt',
  }),
};
