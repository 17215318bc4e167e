import type { Backend, Storage } from '../backend/backend.ts';
import type { Pair } from '../core/experiment.ts';
import type { Optimizer } from '../core/optimizer.ts';
import type { CompiledObjective } from '../objectives/compile.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import { type Batch, type Side, uploadBatch } from './batch.ts';
import { allocateStatistics, commitStatistics } from './batch-statistics.ts';
import { experimentColumns, responseLengths } from './experiment-columns.ts';
import {
  computeGradients,
  computeLogps,
  computeLosses,
  type LossStorages,
  lossLogps,
  type SideStorages,
  uploadObjectiveParameters,
} from './forward-pass.ts';
import { interleave, lengthDesensitised, packPairInputs } from './pair-inputs.ts';
import type { PolicyOnBackend } from './policy-on-backend.ts';

/** Forward pass, losses and backward pass of one list of pairs under one objective, for any policy of one definition. */
export class PairPass {
  readonly #backend: Backend;
  readonly #pairs: readonly Pair[];
  readonly #columns: number;
  readonly #batch: Batch;
  readonly #chosen: SideStorages;
  readonly #rejected: SideStorages;
  readonly #loss: LossStorages;
  /** slopes of 1, where the optimiser normalises pairs; else null */
  readonly #unitSlopes: Storage | null;
  readonly #owned: Storage[] = [];

  constructor(backend: Backend, definition: PolicyDefinition, pairs: readonly Pair[], objective: CompiledObjective, optimizer: Optimizer) {
    this.#backend = backend;
    this.#pairs = pairs;
    this.#columns = definition.columns;
    const count = pairs.length;
    this.#batch = uploadBatch(backend, definition, pairs);
    this.#chosen = this.#allocateSide(this.#batch.chosen);
    this.#rejected = this.#allocateSide(this.#batch.rejected);
    if (objective.ldAlpha !== null) this.#weightTokens(objective.ldAlpha);
    this.#loss = {
      objective,
      objectiveParameters: this.#own(uploadObjectiveParameters(backend, objective)),
      pairInputs: this.#own(backend.allocate('float', Math.max(1, count * objective.inputs.length))),
      weights: this.#own(backend.upload(Float64Array.from(pairs, ({ weight }) => weight ?? 1))),
      losses: this.#own(backend.allocate('float', count)),
      slopes: this.#own(backend.allocate('float', 2 * count)),
      statistics: allocateStatistics(backend, objective, new Float64Array(2 * count)),
    };
    for (const storage of Object.values(this.#loss.statistics ?? {})) this.#own(storage);
    this.#unitSlopes = optimizer.normalisesPairs ? this.#own(backend.upload(new Float64Array(2 * count).fill(1))) : null;
  }

  /** [pairs] after `forward` and `computeLosses` */
  get results(): { losses: Storage; chosenLogps: Storage; rejectedLogps: Storage } {
    return { losses: this.#loss.losses, chosenLogps: this.#chosen.logps, rejectedLogps: this.#rejected.logps };
  }

  /** Computes what the objective reads of the reference and of the previous iterate; must be awaited before `computeLosses`. */
  async prepare(reference: PolicyOnBackend, previous: PolicyOnBackend = reference): Promise<void> {
    const [refChosen, refRejected] = await this.#read(reference);
    const [prevChosen, prevRejected] = previous === reference ? [refChosen, refRejected] : await this.#read(previous);
    const { objective, statistics, pairInputs } = this.#loss;
    const { columns, missing } = experimentColumns({ pairs: this.#pairs }, refChosen, refRejected);
    const known = { ...columns, prev_w: prevChosen, prev_l: prevRejected };
    this.#fill(pairInputs, packPairInputs(refChosen.length, objective, known, missing));
    if (statistics) this.#fill(statistics.references, interleave(refChosen, refRejected));
  }

  /** Log-probs of all responses. */
  forward(policy: PolicyOnBackend): void {
    const { chosen, rejected, offsetTable: table } = this.#batch;
    for (const [side, { contexts, offsetRows }] of [[this.#chosen, chosen] as const, [this.#rejected, rejected] as const]) {
      const offsets = table && offsetRows ? { table, rows: offsetRows } : undefined;
      policy.logits(side.task.sequences * side.task.positions, contexts, side.task.logits, offsets);
      computeLogps(this.#backend, side);
    }
  }

  /** Losses and slopes of all pairs. */
  computeLosses(): void {
    computeLosses(this.#backend, this.#chosen, this.#rejected, this.#loss);
  }

  /** Gradients of `policy` from the slopes. */
  backward(policy: PolicyOnBackend): void {
    computeGradients(this.#backend, this.#chosen, this.#rejected, this.#loss);
    const { chosen, members } = this.#batch;
    policy.backward({
      chosenRows: chosen.sequences * chosen.positions,
      chosenGradient: this.#chosen.gradient,
      rejectedGradient: this.#rejected.gradient,
      members,
    });
  }

  /** One update of `policy` from the losses just computed. */
  update(policy: PolicyOnBackend, optimizer: Parameters<PolicyOnBackend['update']>[0]): void {
    if (this.#unitSlopes) this.#normaliseSlopes(policy, this.#unitSlopes);
    this.backward(policy);
    commitStatistics(this.#backend, this.#loss.statistics);
    policy.update(optimizer);
  }

  /** Replaces the weights [pairs] of the pairs' losses. */
  setWeights(weights: Float64Array): void {
    this.#fill(this.#loss.weights, weights);
  }

  /** Replaces the slopes [2, pairs]: d(loss)/d(log-prob), chosen then rejected. */
  setSlopes(slopes: Float64Array): void {
    this.#fill(this.#loss.slopes, slopes);
  }

  dispose(): void {
    this.#batch.dispose();
    for (const storage of this.#owned) storage.dispose();
  }

  /** Replaces the objective's slopes by those of the normalised pair update. */
  #normaliseSlopes(policy: PolicyOnBackend, slopes: Storage): void {
    computeGradients(this.#backend, this.#chosen, this.#rejected, { slopes });
    const { weights } = this.#loss;
    for (const [side, storages, name] of [
      [this.#batch.chosen, this.#chosen, 'chosen'] as const,
      [this.#batch.rejected, this.#rejected, 'rejected'] as const,
    ])
      policy.normalisedSlopes(side, name, { residuals: storages.gradient, weights, slopes: this.#loss.slopes });
  }

  /** The log-probs that the loss reads, under `policy`. */
  #read(policy: PolicyOnBackend): Promise<[ArrayLike<number>, ArrayLike<number>]> {
    this.forward(policy);
    return Promise.all([this.#backend.read(lossLogps(this.#chosen)), this.#backend.read(lossLogps(this.#rejected))]);
  }

  /** Copies host data to a storage of the same length. */
  #fill(target: Storage, data: Float64Array): void {
    const uploaded = this.#backend.upload(data);
    this.#backend.copy(uploaded, target, 0);
    uploaded.dispose();
  }

  /** Gives both sides LD-DPO's weights, and sums of their own for the loss. */
  #weightTokens(ldAlpha: number): void {
    const [chosen, rejected] = [responseLengths(this.#pairs, 'chosen'), responseLengths(this.#pairs, 'rejected')];
    for (const [side, own, other] of [[this.#chosen, chosen, rejected] as const, [this.#rejected, rejected, chosen] as const])
      side.weighted = {
        tokenWeights: this.#own(this.#backend.upload(lengthDesensitised(side.task.positions, null, own, other, ldAlpha))),
        logps: this.#own(this.#backend.allocate('float', this.#pairs.length)),
      };
  }

  #own(storage: Storage): Storage {
    this.#owned.push(storage);
    return storage;
  }

  #allocateSide({ sequences, positions, tokens, mask }: Side): SideStorages {
    const columns = this.#columns;
    const rows = sequences * positions;
    const allocate = (length: number) => this.#own(this.#backend.allocate('float', length));
    return {
      task: { sequences, positions, columns, tokens, mask, logits: allocate(rows * columns), stats: allocate(2 * rows) },
      logps: allocate(sequences),
      gradient: allocate(rows * columns),
    };
  }
}
