import { assertMatrix, assertPositive, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { FeaturesPolicy } from '../core/experiment.ts';
import { featuresForm } from './features-form.ts';
import { outcomePositions, outcomeRules } from './outcomes.ts';
import type { PolicyKind } from './policy.ts';
import { scaled } from './tensors.ts';

type Vectors = Pick<FeaturesPolicy, 'hidden' | 'unembedding' | 'train' | 'scale'>;

/** The columns of a policy with these vectors, which stand at `hiddenPath`. */
export function assertVectors(
  hiddenPath: string,
  hiddenDimensions: number,
  { unembedding, train, scale }: Omit<Vectors, 'hidden'>,
): number {
  const [columns, dimensions] = assertMatrix('policy.unembedding', unembedding);
  if (dimensions !== hiddenDimensions)
    throw new ExperimentError(
      'policy.unembedding',
      `has rows of length ${dimensions}, but ${hiddenPath} has vectors of length ${hiddenDimensions}; make them equal.`,
    );
  if (train !== undefined && !['both', 'hidden', 'unembedding'].includes(train))
    throw new ExperimentError('policy.train', `must be 'both', 'hidden' or 'unembedding', not ${show(train)}.`);
  if (scale !== undefined) assertPositive('policy.scale', scale);
  return columns;
}

/** Free hidden vectors times an unembedding. */
export const vectorsForm = ({ hidden, unembedding, train = 'both', scale = 1 }: Vectors, structure: unknown) => ({
  ...featuresForm(
    unembedding[0]?.length ?? 0,
    [
      { name: 'hidden', values: scaled(hidden, 1 / scale), trained: train !== 'unembedding' },
      { name: 'unembedding', values: scaled(unembedding, scale), trained: train !== 'hidden' },
    ],
    structure,
  ),
  hidden: 'hidden',
  offsets: null,
});

export const featuresKind: PolicyKind<FeaturesPolicy> = {
  validate: (policy) => {
    const [prompts, dimensions] = assertMatrix('policy.hidden', policy.hidden);
    return outcomeRules(prompts, assertVectors('policy.hidden', dimensions, policy));
  },
  define: (policy) => ({
    ...vectorsForm(policy, 'features'),
    prompts: policy.hidden.length,
    response: 'outcome',
    positions: outcomePositions(),
  }),
  python: () => ({
    words: 'logits = unembedding times the hidden vector of the prompt (the unconstrained-features model of arXiv:2410.08847)',
    logits: 'HIDDEN @ UNEMBEDDING.T',
    context: 'prompt',
  }),
};
