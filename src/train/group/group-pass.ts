import type { Backend, FurtherKernels, SequenceTask, Storage, TokenStorages } from '../../backend/backend.ts';
import { itemSize } from '../../backend/group-items.ts';
import type { Group } from '../../core/experiment.ts';
import type { UpdateSettings } from '../../core/optimizer.ts';
import type { CompiledGroupObjective } from '../../objectives/group-compile.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { uploadObjectiveParameters } from '../passes/forward-pass.ts';
import type { LossPass } from '../passes/loss-pass.ts';
import type { PolicyOnBackend } from '../passes/policy-on-backend.ts';
import { ResponseBatch, type ResponseSide } from '../passes/response-batch.ts';
import { membershipOf, type OrderedGroup, orderGroup, packGroupInputs, packTokenInputs } from './group-columns.ts';

/** Log-probs under one policy: of responses, and of their tokens where the loss reads them. */
interface LogpsUnder {
  responses: ArrayLike<number>;
  tokens: ArrayLike<number>;
}

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
      items: allocate(responses * itemSize(objective)),
      losses: allocate(groups.length),
      slopes: allocate(responses),
      tokens: objective.tokenSums > 0 ? this.#tokensOf(objective, allocate) : null,
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
    const under = async (policy: PolicyOnBackend): Promise<LogpsUnder> => {
      this.forward(policy);
      const { tokens } = this.#loss;
      const responses = await this.#backend.read(this.#side.logps);
      return { responses, tokens: tokens ? await this.#backend.read(tokens.tokenLogps) : responses };
    };
    const ref = await under(reference);
    const prev = previous === reference ? ref : await under(previous);
    const { objective, groupInputs, tokens } = this.#loss;
    this.#batch.fill(groupInputs, packGroupInputs(objective, this.#groups, ref.responses, prev.responses));
    if (tokens) this.#batch.fill(tokens.tokenInputs, packTokenInputs(objective, this.#groups, tokens.positions, ref.tokens, prev.tokens));
  }

  forward(policy: PolicyOnBackend): void {
    this.#batch.forward(policy);
    const { tokens } = this.#loss;
    // a token's log-prob is that of a sequence of one position
    if (tokens) this.#backend.sequenceLogps({ ...this.#positions, logps: tokens.tokenLogps });
  }

  computeLosses(): void {
    this.#kernels.groupLosses(this.#loss);
  }

  update(policy: PolicyOnBackend, settings: UpdateSettings): void {
    const { task, gradient } = this.#side;
    const { slopes, tokens } = this.#loss;
    if (tokens) this.#backend.preferenceGradients({ ...this.#positions, side: 'chosen', slopes: tokens.tokenSlopes, gradient });
    else this.#backend.preferenceGradients({ ...task, side: 'chosen', slopes, gradient });
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

  /** The side with each position as a sequence of its own. */
  get #positions(): SequenceTask {
    const { task } = this.#side;
    return { ...task, sequences: task.sequences * task.positions, positions: 1 };
  }

  #tokensOf(objective: CompiledGroupObjective, allocate: (length: number) => Storage): TokenStorages {
    const { sequences, positions } = this.#side.task;
    const rows = sequences * positions;
    return {
      positions,
      tokenLogps: allocate(rows),
      tokenInputs: allocate(rows * (1 + objective.tokenInputs.length)),
      tokenSums: allocate(2 * sequences * objective.tokenSums),
      tokenSlopes: allocate(rows),
    };
  }
}
