import type { Backend, FurtherKernels, GradientTask, Storage } from '../../backend/backend.ts';
import type { Parameters } from '../../core/experiment.ts';
import { nextCorrection, type Optimizer, type UpdateSettings } from '../../core/optimizer.ts';
import type { LogitsBatch, OpenPasses, ParameterTensor, PolicyDefinition, PolicyPasses } from '../../policies/policy.ts';
import type { Side } from './batch.ts';

interface UploadedTensor extends ParameterTensor {
  storage: Storage;
  gradient: Storage;
  /** the optimiser's slots; one element where it keeps none */
  first: Storage;
  second: Storage;
}

/** What an optimiser remembers between updates. */
export interface OptimizerMemory {
  /** 1 - β₁ᵗ and 1 - β₂ᵗ */
  readonly corrections: readonly [number, number];
  /** by tensor name: both slots, one element where the optimiser keeps none */
  readonly slots: Readonly<Record<string, readonly [first: Float32Array | Float64Array, second: Float32Array | Float64Array]>>;
}

/** A policy's parameters on a backend, with its forward pass, backward pass and update. */
export class PolicyOnBackend {
  readonly #backend: Backend;
  readonly #tensors: readonly UploadedTensor[];
  readonly #passes: PolicyPasses;
  #corrections: readonly [number, number];

  /**
   * `open` is what the policy's `passes` gave. `optimizer` is null where nothing is trained. `parameters` replaces the policy's own;
   * `memory` is the same optimiser's, to go on with.
   */
  constructor(
    backend: Backend,
    policy: Pick<PolicyDefinition, 'parameters'>,
    open: OpenPasses,
    optimizer: Optimizer | null,
    parameters?: Parameters,
    memory?: OptimizerMemory,
  ) {
    this.#backend = backend;
    this.#corrections = memory?.corrections ?? [0, 0];
    this.#tensors = policy.parameters.map((tensor) => {
      const values = parameters?.[tensor.name];
      const kept = memory?.slots[tensor.name];
      const slot = (index: 0 | 1): Storage =>
        kept
          ? backend.upload(Float64Array.from(kept[index]))
          : backend.allocate('float', optimizer && tensor.trained && optimizer.slots > index ? tensor.values.length : 1);
      return {
        ...tensor,
        storage: backend.upload(values ? Float64Array.from(values) : tensor.values),
        gradient: backend.allocate('float', optimizer && tensor.trained ? tensor.values.length : 1),
        first: slot(0),
        second: slot(1),
      };
    });
    this.#passes = open(this.#tensors);
  }

  logits(batch: LogitsBatch): void {
    this.#passes.logits(batch);
  }

  /** Gradients of the trained tensors from the logit gradients of both sides, at the parameters of the last `logits`. */
  backward(task: Omit<GradientTask, 'columns'>): void {
    this.#passes.backward(task);
  }

  /** Slopes of the normalised pair update for one side, from its residuals: logit gradients for slopes of 1. */
  normalisedSlopes(
    kernels: FurtherKernels,
    { sequences, positions, contexts }: Side,
    side: 'chosen' | 'rejected',
    given: { residuals: Storage; weights: Storage; slopes: Storage },
  ): void {
    this.#passes.normalisedSlopes(kernels, { sequences, positions, contexts, side, ...given });
  }

  /** One update with the gradients of the last `backward`. */
  update(settings: UpdateSettings): void {
    const [first, second] = this.#corrections;
    const corrections = [nextCorrection(first, settings.beta1), nextCorrection(second, settings.beta2)] as const;
    this.#corrections = corrections;
    for (const { trained, storage, ...task } of this.#tensors)
      if (trained)
        this.#backend.optimizerStep({
          length: storage.length,
          settings,
          corrections,
          gradient: task.gradient,
          parameters: storage,
          first: task.first,
          second: task.second,
        });
  }

  /** The parameter tensors, in the policy's order. */
  get storages(): readonly Storage[] {
    return this.#tensors.map(({ storage }) => storage);
  }

  /** Takes over the present parameters of another policy of the same definition. */
  copyFrom(other: PolicyOnBackend): void {
    for (const [index, { storage }] of this.#tensors.entries()) {
      const source = other.storages[index];
      if (source) this.#backend.copy(source, storage, 0);
    }
  }

  async parameters(): Promise<Parameters> {
    const entries = this.#tensors.map(async ({ name, storage }) => [name, await this.#backend.read(storage)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }

  /** What the optimiser remembers after the updates so far. */
  async memory(): Promise<OptimizerMemory> {
    const entries = this.#tensors.map(async ({ name, first, second }) => {
      const slots = [await this.#backend.read(first), await this.#backend.read(second)] as const;
      return [name, slots] as const;
    });
    return { corrections: this.#corrections, slots: Object.fromEntries(await Promise.all(entries)) };
  }

  /** The gradients of the last `backward` over all trained tensors, one after the other. */
  async gradient(): Promise<Float64Array> {
    const parts = await Promise.all(this.#tensors.filter(({ trained }) => trained).map(({ gradient }) => this.#backend.read(gradient)));
    return Float64Array.from(parts.flatMap((part) => [...part]));
  }

  dispose(): void {
    this.#passes.dispose();
    for (const { storage, gradient, first, second } of this.#tensors) for (const held of [storage, gradient, first, second]) held.dispose();
  }
}
