import type { Backend, Storage } from '../backend/backend.ts';
import type { Parameters } from '../core/experiment.ts';
import type { ParameterTensor, PolicyDefinition } from '../policies/policy.ts';
import type { Batch } from './batch.ts';

interface UploadedTensor extends ParameterTensor {
  storage: Storage;
  gradient: Storage;
}

/** A policy's parameters on a backend, with its forward pass, backward pass and update. */
export class PolicyOnBackend {
  readonly #backend: Backend;
  readonly #policy: PolicyDefinition;
  readonly #tensors: readonly UploadedTensor[];

  constructor(backend: Backend, policy: PolicyDefinition, parameters?: Parameters) {
    this.#backend = backend;
    this.#policy = policy;
    this.#tensors = policy.parameters.map((tensor) => {
      const values = parameters?.[tensor.name];
      return {
        ...tensor,
        storage: backend.upload(values ? Float64Array.from(values) : tensor.values),
        gradient: backend.allocate('float', tensor.values.length),
      };
    });
  }

  /** `logits` [rows, V] of positions that read `contexts` [rows]. */
  logits(rows: number, contexts: Storage, logits: Storage): void {
    const { columns, dimensions, parameterisation } = this.#policy;
    const [first, second] = this.#tensors;
    if (parameterisation === 'features' && first && second)
      this.#backend.featuresLogits({ rows, columns, dimensions, hidden: first.storage, unembedding: second.storage, contexts, logits });
    else if (first) this.#backend.tableLogits({ rows, columns, table: first.storage, contexts, logits });
  }

  /** Gradients of the trained tensors from the logit gradients of both sides. */
  backward({ chosen, members }: Batch, chosenGradient: Storage, rejectedGradient: Storage): void {
    const { columns, contexts, dimensions, parameterisation } = this.#policy;
    const task = { columns, chosenRows: chosen.sequences * chosen.positions, chosenGradient, rejectedGradient, members };
    const [first, second] = this.#tensors;
    if (parameterisation === 'features' && first && second) {
      if (first.trained)
        this.#backend.hiddenGradient({ ...task, contexts, dimensions, unembedding: second.storage, gradient: first.gradient });
      if (second.trained) this.#backend.unembeddingGradient({ ...task, dimensions, hidden: first.storage, gradient: second.gradient });
    } else if (first) {
      this.#backend.tableGradient({ ...task, tableRows: contexts, gradient: first.gradient });
    }
  }

  /** One step of gradient descent with the gradients of the last `backward`. */
  update(learningRate: number): void {
    for (const { trained, storage, gradient } of this.#tensors)
      if (trained) this.#backend.optimizerStep({ length: storage.length, learningRate, gradient, parameters: storage });
  }

  async parameters(): Promise<Parameters> {
    const values = await Promise.all(this.#tensors.map(({ storage }) => this.#backend.read(storage)));
    return Object.fromEntries(this.#tensors.map(({ name }, index) => [name, values[index] ?? new Float64Array()]));
  }

  /** The gradients of the last `backward` over all trained tensors, one after the other. */
  async gradient(): Promise<Float64Array> {
    const parts = await Promise.all(this.#tensors.filter(({ trained }) => trained).map(({ gradient }) => this.#backend.read(gradient)));
    return Float64Array.from(parts.flatMap((part) => [...part]));
  }

  dispose(): void {
    for (const { storage, gradient } of this.#tensors) {
      storage.dispose();
      gradient.dispose();
    }
  }
}
