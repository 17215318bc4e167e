import type { Backend } from '../backend/backend.ts';
import { assertFinite, assertInteger, assertObject, show } from '../core/assertions.ts';
import { ExperimentError } from '../core/errors.ts';
import type { Experiment, Parameters, Policy, RecordedStep, ReferenceSync } from '../core/experiment.ts';
import { definePolicy, knowPolicy, validatePolicy } from '../policies/kinds.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import type { Prepared } from './prepared.ts';
import type { TrainingRun } from './run.ts';
import { type RunStart, ToyRun } from './toy-run.ts';

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
export const parametersOf = ({ parameters }: PolicyDefinition): Parameters =>
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

/** Starts a run whose reference is not simply the policy at its start. */
export type OpenRun = (backend: Backend, prepared: Prepared, start?: RunStart) => Promise<ToyRun | MovingReferenceRun>;

/** How such a run starts. Rejects with an ExperimentError for a reference, or a way of moving it, that there cannot be. */
export async function opener({ policy, reference, syncReference }: Experiment, definition: PolicyDefinition): Promise<OpenRun> {
  const first = parametersOf(definition);
  const given = reference ? await referenceParameters(reference, policy.kind, definition) : first;
  const sync = syncReference ? syncOf(syncReference) : null;
  return async (backend, prepared, start = {}) => {
    const own = { reference: start.reference ?? given, previous: start.previous ?? start.parameters ?? first };
    const run = await ToyRun.open(backend, prepared, { ...start, ...own });
    return sync ? new MovingReferenceRun(run, own.reference, own.previous, sync) : run;
  };
}

/** TR-DPO's moving reference around a run. The state at a step where it moves is recorded as compared with the new one. */
export class MovingReferenceRun implements TrainingRun {
  readonly #run: ToyRun;
  readonly #previous: Parameters;
  readonly #sync: Sync;
  #reference: Parameters;

  constructor(run: ToyRun, reference: Parameters, previous: Parameters, sync: Sync) {
    this.#run = run;
    this.#reference = reference;
    this.#previous = previous;
    this.#sync = sync;
  }

  get experiment(): Experiment {
    return this.#run.experiment;
  }

  get step(): number {
    return this.#run.step;
  }

  async advance(updates: number, record: readonly number[] = [this.step + updates]): Promise<RecordedStep[]> {
    const { every, share } = this.#sync;
    const target = this.step + updates;
    const states: RecordedStep[] = [];
    for (;;) {
      const [from, next] = [this.step, this.step + every - (this.step % every)];
      const to = Math.min(target, next);
      const due = record.filter((step) => step >= from && (step < to || (step === to && to !== next)));
      states.push(...(await this.#run.advance(to - from, due)));
      if (to !== next) return states;
      this.#reference = mixed(this.#reference, await this.#run.parameters(), share);
      await this.#run.compareWith(this.#reference, this.#previous);
    }
  }

  parameters(): Promise<Parameters> {
    return this.#run.parameters();
  }

  memory(): ReturnType<ToyRun['memory']> {
    return this.#run.memory();
  }

  dispose(): void {
    this.#run.dispose();
  }
}
