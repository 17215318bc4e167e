import type { Backend, FurtherKernels, Storage } from '../../backend/backend.ts';
import type { Pair } from '../../core/experiment.ts';
import type { UpdateSettings } from '../../core/optimizer.ts';
import type { CompiledObjective } from '../../objectives/compile.ts';
import type { PolicyDefinition } from '../../policies/policy.ts';
import { allocateStatistics, commitStatistics } from './batch-statistics.ts';
import { experimentColumns, hasMask, maskOf, responseLengths, validateMasks } from './experiment-columns.ts';
import {
  computeGradients,
  computeLosses,
  type LossStorages,
  lossLogps,
  uploadObjectiveParameters,
  weightGradient,
} from './forward-pass.ts';
import type { LossPass } from './loss-pass.ts';
import { interleave, lengthDesensitised, packPairInputs } from './pair-inputs.ts';
import type { PolicyOnBackend } from './policy-on-backend.ts';
import { ResponseBatch, type ResponseSide } from './response-batch.ts';

/** One list of pairs under a pair objective. */
export class PairPass implements LossPass {
  readonly #backend: Backend;
  readonly #pairs: readonly Pair[];
  readonly #batch: ResponseBatch;
  readonly #chosen: ResponseSide;
  readonly #rejected: ResponseSide;
  readonly #loss: LossStorages;
  /** where the optimiser normalises pairs; else null */
  readonly #normalising: FurtherKernels | null;

  /** `normalising`: where updates are to be those of normalised pairs; else null. */
  constructor(
    backend: Backend,
    definition: PolicyDefinition,
    pairs: readonly Pair[],
    objective: CompiledObjective,
    normalising: FurtherKernels | null,
  ) {
    this.#backend = backend;
    this.#pairs = pairs;
    const count = pairs.length;
    const batch = new ResponseBatch(backend, definition, [
      pairs.map(({ prompt, chosen }) => ({ prompt, response: chosen })),
      pairs.map(({ prompt, rejected }) => ({ prompt, response: rejected })),
    ]);
    this.#batch = batch;
    [this.#chosen, this.#rejected] = batch.sides as [ResponseSide, ResponseSide];
    validateMasks(pairs, objective);
    if (objective.ldAlpha !== null || hasMask(pairs)) this.#weightTokens(objective.ldAlpha ?? 1);
    this.#loss = {
      objective,
      objectiveParameters: batch.own(uploadObjectiveParameters(backend, objective)),
      pairInputs: batch.own(backend.allocate('float', Math.max(1, count * objective.inputs.length))),
      weights: batch.own(backend.upload(Float64Array.from(pairs, ({ weight }) => weight ?? 1))),
      losses: batch.own(backend.allocate('float', count)),
      slopes: batch.own(backend.allocate('float', 2 * count)),
      statistics: allocateStatistics(backend, objective, new Float64Array(2 * count)),
    };
    for (const storage of Object.values(this.#loss.statistics ?? {})) batch.own(storage);
    this.#normalising = normalising;
    if (normalising) this.#wantResiduals(normalising, batch.own(backend.upload(new Float64Array(2 * count).fill(1))));
  }

  get recorded(): readonly Storage[] {
    return [this.#loss.losses, this.#chosen.logps, this.#rejected.logps];
  }

  decode(values: Float32Array | Float64Array) {
    const pairs = this.#pairs.length;
    return {
      losses: [...values.subarray(0, pairs)],
      chosenLogps: [...values.subarray(pairs, 2 * pairs)],
      rejectedLogps: [...values.subarray(2 * pairs, 3 * pairs)],
    };
  }

  async prepare(reference: PolicyOnBackend, previous: PolicyOnBackend = reference): Promise<void> {
    const [refChosen, refRejected] = await this.#read(reference);
    const [prevChosen, prevRejected] = previous === reference ? [refChosen, refRejected] : await this.#read(previous);
    const { objective, statistics, pairInputs } = this.#loss;
    const { columns, missing } = experimentColumns({ pairs: this.#pairs }, refChosen, refRejected);
    const known = { ...columns, prev_w: prevChosen, prev_l: prevRejected };
    this.#batch.fill(pairInputs, packPairInputs(refChosen.length, objective, known, missing));
    if (statistics) this.#batch.fill(statistics.references, interleave(refChosen, refRejected));
  }

  forward(policy: PolicyOnBackend): void {
    this.#batch.forward(policy);
  }

  computeLosses(): void {
    computeLosses(this.#backend, this.#chosen, this.#rejected, this.#loss);
  }

  /** Gradients of `policy` from the slopes. */
  backward(policy: PolicyOnBackend): void {
    computeGradients(this.#backend, this.#chosen, this.#rejected, this.#loss);
    policy.backward({
      chosenRows: this.#chosen.task.sequences * this.#chosen.task.positions,
      chosenGradient: this.#chosen.gradient,
      rejectedGradient: this.#rejected.gradient,
      members: this.#batch.members,
    });
  }

  update(policy: PolicyOnBackend, settings: UpdateSettings): void {
    if (this.#normalising) this.#normaliseSlopes(policy, this.#normalising);
    this.backward(policy);
    commitStatistics(this.#backend, this.#loss.statistics);
    policy.update(settings);
  }

  setWeights(weights: Float64Array): void {
    this.#batch.fill(this.#loss.weights, weights);
  }

  /** Replaces the slopes [2, pairs]: d(loss)/d(log-prob), chosen then rejected. */
  setSlopes(slopes: Float64Array): void {
    this.#batch.fill(this.#loss.slopes, slopes);
  }

  dispose(): void {
    this.#batch.dispose();
  }

  get #sides() {
    return [[this.#chosen, 'chosen'] as const, [this.#rejected, 'rejected'] as const];
  }

  /** From now on the forward pass leaves the residuals, the gradients for slopes of 1, in both sides' gradients. */
  #wantResiduals({ rowGradients }: FurtherKernels, slopes: Storage): void {
    for (const [one, side] of this.#sides)
      one.readRows = () => {
        rowGradients({ ...one.task, side, slopes, gradient: one.gradient });
        weightGradient(this.#backend, one);
      };
  }

  /** Replaces the objective's slopes by those of the normalised pair update, which follow from the residuals. */
  #normaliseSlopes(policy: PolicyOnBackend, kernels: FurtherKernels): void {
    const { weights, slopes } = this.#loss;
    for (const [{ responses, gradient }, side] of this.#sides)
      policy.normalisedSlopes(kernels, responses, side, { residuals: gradient, weights, slopes });
  }

  /** The log-probs that the loss reads, under `policy`. */
  #read(policy: PolicyOnBackend): Promise<[ArrayLike<number>, ArrayLike<number>]> {
    this.forward(policy);
    return Promise.all([this.#backend.read(lossLogps(this.#chosen)), this.#backend.read(lossLogps(this.#rejected))]);
  }

  /** Gives both sides their masks and LD-DPO's weights, and sums of their own for the loss. */
  #weightTokens(ldAlpha: number): void {
    const [chosen, rejected] = [responseLengths(this.#pairs, 'chosen'), responseLengths(this.#pairs, 'rejected')];
    for (const [side, name, own, other] of [
      [this.#chosen, 'chosen', chosen, rejected] as const,
      [this.#rejected, 'rejected', rejected, chosen] as const,
    ]) {
      const { positions } = side.task;
      const mask = Float64Array.from(
        this.#pairs.flatMap((pair) => Array.from({ length: positions }, (_, t) => maskOf(pair, name)?.[t] ?? 1)),
      );
      side.weighted = {
        tokenWeights: this.#batch.own(this.#backend.upload(lengthDesensitised(positions, mask, own, other, ldAlpha))),
        logps: this.#batch.own(this.#backend.allocate('float', this.#pairs.length)),
      };
    }
  }
}
