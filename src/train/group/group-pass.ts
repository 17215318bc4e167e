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
  responses: Logps;
  tokens: Logps;
}
type Logps = Float32Array | Float64Array;

const responsesOf = (groups: readonly OrderedGroup[]): number => groups.reduce((sum, { responses }) => sum + responses.length, 0);

/**
 * Lists of groups under an objective of groups, each list with a mean of its own: that of one run, or those of runs whose policies stand in
 * a stack. All responses are one side of a batch.
 */
export class GroupPass implements LossPass {
  readonly #backend: Backend;
  readonly #kernels: FurtherKernels;
  readonly #lists: readonly (readonly OrderedGroup[])[];
  readonly #batch: ResponseBatch;
  readonly #side: ResponseSide;
  readonly #loss: Parameters<FurtherKernels['groupLosses']>[0];
  /** stands for the gradient of the side that there is not */
  readonly #none: Storage;

  constructor(
    backend: Backend,
    kernels: FurtherKernels,
    definition: PolicyDefinition,
    lists: readonly (readonly Group[])[],
    objective: CompiledGroupObjective,
  ) {
    this.#backend = backend;
    this.#kernels = kernels;
    this.#lists = lists.map((groups) => groups.map(orderGroup));
    const all = this.#groups;
    const batch = new ResponseBatch(backend, definition, [
      all.flatMap(({ prompt, responses }) => responses.map((response) => ({ prompt, response }))),
    ]);
    this.#batch = batch;
    [this.#side] = batch.sides as [ResponseSide];
    const responses = this.#side.task.sequences;
    const allocate = (length: number) => batch.own(backend.allocate('float', Math.max(1, length)));
    this.#none = allocate(1);
    this.#loss = {
      responses,
      objective,
      objectiveParameters: batch.own(uploadObjectiveParameters(backend, objective)),
      logps: this.#side.logps,
      groupInputs: allocate(responses * objective.inputs.length),
      membership: batch.own(backend.upload(membershipOf(all))),
      shares: batch.own(backend.upload(this.#sharesOf(all.map(({ weight }) => weight)))),
      items: allocate(responses * itemSize(objective)),
      losses: allocate(all.length),
      slopes: allocate(responses),
      tokens: objective.tokenSums > 0 ? this.#tokensOf(objective, allocate) : null,
    };
  }

  get recorded(): readonly Storage[] {
    return [this.#loss.losses, this.#side.logps];
  }

  decode(values: Float32Array | Float64Array) {
    const all = this.#groups;
    const groups = all.length;
    let next = groups;
    const ordered = all.map(({ responses }) => {
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
        for (const [place, at] of (all[index]?.given ?? []).entries()) asGiven[at] = logps[place] ?? Number.NaN;
        return asGiven;
      }),
    };
  }

  async prepare(reference: PolicyOnBackend, previous: PolicyOnBackend = reference): Promise<void> {
    const { objective, groupInputs, tokens } = this.#loss;
    // all is asked for before anything is waited for
    const under = async (policy: PolicyOnBackend): Promise<LogpsUnder> => {
      this.forward(policy);
      const reads = [this.#side.logps, ...(tokens ? [tokens.tokenLogps] : [])].map((storage) => this.#backend.read(storage));
      const [responses, ofTokens] = (await Promise.all(reads)) as [Logps, Logps?];
      return { responses, tokens: ofTokens ?? responses };
    };
    const [ref, other] = await Promise.all([under(reference), previous === reference ? null : under(previous)]);
    const prev = other ?? ref;
    const block = new Float64Array(groupInputs.length);
    let from = 0;
    // what a list's groups read of each other stays within the list
    for (const groups of this.#lists) {
      const to = from + responsesOf(groups);
      const columns = packGroupInputs(objective, groups, ref.responses.subarray(from, to), prev.responses.subarray(from, to));
      if (to > from && objective.inputs.length > 0) block.set(columns, from * objective.inputs.length);
      from = to;
    }
    this.#batch.fill(groupInputs, block);
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
    this.#batch.fill(this.#loss.shares, this.#sharesOf([...weights]));
  }

  dispose(): void {
    this.#batch.dispose();
  }

  get #groups(): OrderedGroup[] {
    return this.#lists.flat();
  }

  /** Each group's weight in the mean of its list. */
  #sharesOf(weights: readonly number[]): Float64Array {
    const sizes = this.#lists.flatMap(({ length }) => new Array<number>(length).fill(length));
    return Float64Array.from(weights, (weight, index) => weight / (sizes[index] ?? 1));
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
