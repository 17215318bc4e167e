import type { Backend, FurtherKernels, Storage } from '../../backend/backend.ts';
import type { Group } from '../../core/experiment.ts';
import type { UpdateSettings } from '../../core/optimizer.ts';
import type { CompiledGroupObjective } from '../../objectives/group-compile.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { uploadObjectiveParameters } from '../forward-pass.ts';
import type { LossPass } from '../loss-pass.ts';
import type { PolicyOnBackend } from '../policy-on-backend.ts';
import { ResponseBatch, type ResponseSide } from '../response-batch.ts';
import { membershipOf, type OrderedGroup, orderGroup, packGroupInputs } from './group-columns.ts';

/** One list of groups under an objective of groups. All responses are one side of a batch. */
export class GroupPass implements LossPass {
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #groups: readonly OrderedGroup[];
  readonly #batch: ResponseBatch;
  readonly #side: ResponseSide;
  readonly #loss: Parameters<FurtherKernels['groupLosses']>[0];
  /** stands for the gradient of the side that there is not */
  readonly #none: Storage;

  constructor(
    backend: Backend,
    kernels: FurtherKernels,
    definition: PolicyDefinition,
    groups: readonly Group[],
    objective: CompiledGroupObjective,
  ) {
    this.#backend = backend;
    this.#kernels = kernels;
    this.#groups = groups.map(orderGroup);
    const batch = new ResponseBatch(backend, definition, [
      this.#groups.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response }))),
    ]);
    this.#batch = batch;
    [this.#side] = batch.sides as [ResponseSide];
    const responses = this.#side.task.sequences;
    const allocate = (length: number) => batch.own(backend.allocate('float', Math.max(1, length)));
    this.#none = allocate(1);
    this.#loss = {
      groups: groups.length,
      responses,
      objective,
      objectiveParameters: batch.own(uploadObjectiveParameters(backend, objective)),
      logps: this.#side.logps,
      groupInputs: allocate(responses * objective.inputs.length),
      membership: batch.own(backend.upload(membershipOf(this.#groups))),
      weights: batch.own(backend.upload(Float64Array.from(this.#groups, ({ weight }) => weight))),
      items: allocate(responses * (2 + 2 * objective.reductions.length)),
      losses: allocate(groups.length),
      slopes: allocate(responses),
    };
  }

  get recorded(): readonly Storage[] {
    return [this.#loss.losses, this.#side.logps];
  }

  decode(values: Float32Array | Float64Array) {
    const { groups } = this.#loss;
    let next = groups;
    const ordered = this.#groups.map(({ responses }) => {
      const own = values.subarray(next, next + responses.length);
      next += responses.length;
      return own;
    });
    return {
      losses: [...values.subarray(0, groups)],
      chosenLogps: ordered.map((logps) => logps[0] ?? Number.NaN),
      rejectedLogps: ordered.map((logps) => logps.at(-1) ?? Number.NaN),
      responseLogps: ordered.map((logps, index) => {
        const asGiven = new Array<number>(logps.length);
        for (const [place, at] of (this.#groups[index]?.given ?? []).entries()) asGiven[at] = logps[place] ?? Number.NaN;
        return asGiven;
      }),
    };
  }

  async prepare(reference: PolicyOnBackend, previous: PolicyOnBackend = reference): Promise<void> {
    const logpsUnder = (policy: PolicyOnBackend) => {
      this.forward(policy);
      return this.#backend.read(this.#side.logps);
    };
    const refLogps = await logpsUnder(reference);
    const prevLogps = previous === reference ? refLogps : await logpsUnder(previous);
    this.#batch.fill(this.#loss.groupInputs, packGroupInputs(this.#loss.objective, this.#groups, refLogps, prevLogps));
  }

  forward(policy: PolicyOnBackend): void {
    this.#batch.forward(policy);
  }

  computeLosses(): void {
    this.#kernels.groupLosses(this.#loss);
  }

  update(policy: PolicyOnBackend, settings: UpdateSettings): void {
    const { task, gradient } = this.#side;
    this.#backend.preferenceGradients({ ...task, side: 'chosen', slopes: this.#loss.slopes, gradient });
    policy.backward({
      chosenRows: task.sequences * task.positions,
      chosenGradient: gradient,
      rejectedGradient: this.#none,
      members: this.#batch.members,
    });
    policy.update(settings);
  }

  setWeights(weights: Float64Array): void {
    this.#batch.fill(this.#loss.weights, weights);
  }

  dispose(): void {
    this.#batch.dispose();
  }
}
