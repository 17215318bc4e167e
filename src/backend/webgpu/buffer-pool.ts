/** A GPU buffer with what the recorder must know of it. */
export interface Block {
  /** identifies the buffer in caches */
  readonly id: number;
  readonly buffer: GPUBuffer;
  readonly size: number;
  /** the submit before which it was given back; recorded work may use it until then */
  releasedIn: number;
}

/**
 * Buffers that were given back, for reuse: a fresh one costs its creation and the clearing that WebGPU promises. Oldest first out,
 * once more than `capacity` bytes lie idle.
 */
export class BufferPool {
  readonly #capacity: number;
  readonly #idle: Block[] = [];
  #bytes = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** A block of exactly `size` bytes, its contents undefined. */
  take(size: number): Block | null {
    const at = this.#idle.findLastIndex((block) => block.size === size);
    const [block] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (!block) return null;
    this.#bytes -= block.size;
    return block;
  }

  /** Keeps the block; returns those that no longer fit. */
  give(block: Block): Block[] {
    this.#idle.push(block);
    this.#bytes += block.size;
    const evicted: Block[] = [];
    for (let oldest = this.#idle[0]; oldest && this.#bytes > this.#capacity; oldest = this.#idle[0]) {
      this.#idle.shift();
      this.#bytes -= oldest.size;
      evicted.push(oldest);
    }
    return evicted;
  }
}
