import { assertFinite, assertInteger, assertObject, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Parameters, Policy, ReferenceSync } from '../core/experiment.ts';
import { definePolicy, knowPolicy, validatePolicy } from '../policies/kinds.ts';
import type { PolicyDefinition } from '../policies/policy.ts';

/** When the reference follows the policy, and how far. */
export interface Sync {
  readonly every: number;
  readonly share: number;
}

/** TRL's defaults of `ref_model_sync_steps` and `ref_model_mixup_alpha`. Throws an ExperimentError that names the setting. */
export function syncOf(given: ReferenceSync): Sync {
  assertObject('syncReference', given);
  const { refModelSyncSteps: every = 512, refModelMixupAlpha: share = 0.6 } = given;
  assertInteger('syncReference.refModelSyncSteps', every, 1, 2 ** 31);
  assertFinite('syncReference.refModelMixupAlpha', share);
  if (share < 0 || share > 1) throw new ExperimentError('syncReference.refModelMixupAlpha', `must be from 0 to 1, but is ${share}.`);
  return { every, share };
}

/** α times the policy's parameters and 1 - α times the reference's, each as float64. */
export const mixed = (reference: Parameters, policy: Parameters, share: number): Parameters =>
  Object.fromEntries(
    Object.entries(reference).map(([name, values]) => [
      name,
      Float64Array.from(values, (value, i) => (1 - share) * value + share * (policy[name]?.[i] ?? Number.NaN)),
    ]),
  );

/** The parameters that a policy starts with. */
const parametersOf = ({ parameters }: PolicyDefinition): Parameters =>
  Object.fromEntries(parameters.map(({ name, values }) => [name, values]));

/** The parameters of a reference of its own. Rejects with an ExperimentError where they are not those of a policy like the trained one. */
export async function referenceParameters(reference: Policy, kind: unknown, definition: PolicyDefinition): Promise<Parameters> {
  assertObject('reference', reference);
  if (reference.kind !== kind)
    throw new ExperimentError('reference.kind', `must be that of the policy, ${show(kind)}, not ${show(reference.kind)}.`);
  await knowPolicy(reference);
  try {
    validatePolicy(reference);
  } catch (error) {
    // said of the reference, and not of the policy
    if (!(error instanceof ExperimentError)) throw error;
    throw new ExperimentError(error.path.replace(/^policy/, 'reference'), error.message.slice(`experiment.${error.path} `.length));
  }
  const own = definePolicy({ ...reference, noise: 0 });
  for (const { name, values } of definition.parameters) {
    const length = own.parameters.find((each) => each.name === name)?.values.length;
    if (length !== values.length)
      throw new ExperimentError('reference', `has ${length} numbers in '${name}', but the policy has ${values.length}; make them equal.`);
  }
  return parametersOf(own);
}

/** A reference that is not simply the policy at its start. */
export interface OwnReference {
  /** where it begins */
  readonly parameters: Parameters;
  /** of the policy at the start of the run */
  readonly first: Parameters;
  /** null: it stays */
  readonly sync: Sync | null;
}

/** What an experiment compares with. Rejects with an ExperimentError for a reference, or a way of moving it, that there cannot be. */
export async function ownReference({ policy, reference, syncReference }: Experiment, definition: PolicyDefinition): Promise<OwnReference> {
  const first = parametersOf(definition);
  const parameters = reference ? await referenceParameters(reference, policy.kind, definition) : first;
  return { parameters, first, sync: syncReference ? syncOf(syncReference) : null };
}
