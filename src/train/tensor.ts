import type { Storage } from '../backend/backend.ts';
import { DisposedError } from '../core/errors.ts';

/** A value that lives on the engine. Enqueued work runs in call order; only `read` waits. */
export interface Tensor {
  readonly shape: readonly number[];
  /** Row-major values: float32 from the GPU, float64 from the CPU engine. */
  read(): Promise<Float32Array | Float64Array>;
  dispose(): void;
}

/** A tensor of one engine; `owner` tells engines apart. */
export class EngineTensor implements Tensor {
  readonly shape: readonly number[];
  /** the values of a u32 tensor, kept to check tokens and masks without a read-back; null for floats */
  readonly hostIndices: Uint32Array | null;
  readonly owner: object;
  readonly #storage: Storage;
  readonly #readStorage: (storage: Storage) => Promise<Float32Array | Float64Array>;
  #disposed = false;

  constructor(
    owner: object,
    storage: Storage,
    shape: readonly number[],
    hostIndices: Uint32Array | null,
    readStorage: (storage: Storage) => Promise<Float32Array | Float64Array>,
  ) {
    this.owner = owner;
    this.shape = Object.freeze([...shape]);
    this.hostIndices = hostIndices;
    this.#storage = storage;
    this.#readStorage = readStorage;
  }

  get storage(): Storage {
    if (this.#disposed) throw new DisposedError('This tensor was disposed. Make a new one with engine.tensor(...) before you use it.');
    return this.#storage;
  }

  async read(): Promise<Float32Array | Float64Array> {
    const { storage } = this;
    return this.hostIndices ? Float64Array.from(this.hostIndices) : this.#readStorage(storage);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#storage.dispose();
  }
}
