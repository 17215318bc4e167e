import { assertFinite, assertObject, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Policy } from '../core/experiment.ts';
import { RandomStream, streams } from '../core/rng.ts';
import { featuresKind } from './features.ts';
import type { PolicyDefinition, PolicyKind, PolicyPython, ResponseRules } from './policy.ts';
import { addKinds, kinds } from './registry.ts';

addKinds({ features: featuresKind });

/** Loads what is needed to validate and define a policy. What is no policy at all is refused by the validation. */
export async function knowPolicy(policy: Policy | undefined): Promise<void> {
  if (!kinds.has(policy?.kind)) await import('./further-kinds.ts');
}

function kindOf({ kind }: { kind: unknown }): PolicyKind {
  const known = kinds.get(kind);
  if (known) return known;
  const names = [...kinds.keys()].map((name) => `'${name}'`);
  throw new ExperimentError('policy.kind', `must be ${names.slice(0, -1).join(', ')} or ${names.at(-1)}, not ${show(kind)}.`);
}

/** Throws an ExperimentError that names the field and the fix; returns what the policy demands of responses. */
export function validatePolicy(policy: Policy): ResponseRules {
  assertObject('policy', policy);
  if (policy.noise !== undefined) {
    assertFinite('policy.noise', policy.noise);
    if (policy.noise < 0) throw new ExperimentError('policy.noise', `must not be negative, but is ${policy.noise}.`);
  }
  return kindOf(policy).validate(policy);
}

/** The definition of a validated policy; `seed` draws its noise. */
export function definePolicy(policy: Policy, seed = 0): PolicyDefinition {
  const definition = kindOf(policy).define(policy);
  const { noise = 0 } = policy;
  if (noise === 0) return definition;
  const random = new RandomStream(seed, streams.initialNoise);
  for (const { values, trained } of definition.parameters)
    if (trained) for (const [i, value] of values.entries()) values[i] = value + noise * random.normal();
  return definition;
}

export const policyPython = (policy: Policy): PolicyPython => kindOf(policy).python(policy);
