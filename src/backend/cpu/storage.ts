import type { Storage } from '../backend.ts';

/** Float64 or unsigned numbers in host memory. */
export class CpuStorage implements Storage {
  readonly values: Float64Array | Uint32Array;
  constructor(values: Float64Array | Uint32Array) {
    this.values = values;
  }
  get type(): Storage['type'] {
    return this.values instanceof Uint32Array ? 'u32' : 'float';
  }
  get length(): number {
    return this.values.length;
  }
  dispose(): void {}
}

export function floats(storage: Storage): Float64Array {
  if (storage instanceof CpuStorage && storage.values instanceof Float64Array) return storage.values;
  throw new Error('The CPU engine was given a storage of another kind.');
}

export function indices(storage: Storage): Uint32Array {
  if (storage instanceof CpuStorage && storage.values instanceof Uint32Array) return storage.values;
  throw new Error('The CPU engine was given a storage of another kind.');
}
