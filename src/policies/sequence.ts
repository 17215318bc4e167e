import { show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { FactorisedSequencePolicy, SequenceFeaturesPolicy } from '../core/experiment.ts';
import type { PolicyKind } from './policy.ts';
import { factorised } from './sequence-factorised.ts';
import { sequenceFeatures } from './sequence-features.ts';

type SequencePolicy = FactorisedSequencePolicy | SequenceFeaturesPolicy;

/** Answers of several tokens, in one of two forms. */
export const sequenceKind: PolicyKind<SequencePolicy> = {
  validate: (policy) => {
    if (policy.form === 'factorised') return factorised.validate(policy);
    if (policy.form === 'features') return sequenceFeatures.validate(policy);
    const { form } = policy as { form: unknown };
    throw new ExperimentError('policy.form', `must be 'factorised' or 'features', not ${show(form)}.`);
  },
  define: (policy) => (policy.form === 'factorised' ? factorised.define(policy) : sequenceFeatures.define(policy)),
  python: (policy) => (policy.form === 'factorised' ? factorised.python(policy) : sequenceFeatures.python(policy)),
};
