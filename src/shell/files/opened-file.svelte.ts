import { messageOf } from '../../core/message-of.ts';
import type { ReadOptions } from '../../data/read-records.ts';

/**
 * Something that the reader opened from a file. What is there stays until the next file turns out to be good. Of several files asked for
 * in a row the last counts.
 */
export class OpenedFile<T> {
  #value = $state.raw<(T & { readonly name: string }) | null>(null);
  #opening = $state.raw<{ readonly name: string; readonly done: number; readonly total: number } | null>(null);
  #problem = $state.raw<{ readonly name: string; readonly message: string } | null>(null);
  #abort: AbortController | null = null;
  readonly #onopen: () => void;

  constructor(onopen: () => void = () => {}) {
    this.#onopen = onopen;
  }

  get value(): (T & { readonly name: string }) | null {
    return this.#value;
  }
  /** the file that is being read, in bytes */
  get opening(): { readonly name: string; readonly done: number; readonly total: number } | null {
    return this.#opening;
  }
  /** why the last file could not be opened */
  get problem(): { readonly name: string; readonly message: string } | null {
    return this.#problem;
  }
  /** the reader has chosen a file, whatever became of it */
  get isChosen(): boolean {
    return this.#value !== null || this.#opening !== null || this.#problem !== null;
  }

  /** @param read what stands in the file; null where it holds something else, which is shown elsewhere */
  async open(name: string, read: (options: Pick<ReadOptions, 'signal' | 'onProgress'>) => Promise<T | null>): Promise<void> {
    this.cancel();
    const abort = new AbortController();
    this.#abort = abort;
    this.#problem = null;
    this.#opening = { name, done: 0, total: 1 };
    try {
      const value = await read({
        signal: abort.signal,
        onProgress: (done, total) => {
          if (this.#abort === abort) this.#opening = { name, done, total };
        },
      });
      if (this.#abort !== abort || value === null) return;
      this.#onopen();
      this.#value = { ...value, name };
    } catch (error) {
      if (this.#abort === abort) this.#problem = { name, message: messageOf(error) };
    } finally {
      if (this.#abort === abort) {
        this.#abort = null;
        this.#opening = null;
      }
    }
  }

  cancel(): void {
    this.#abort?.abort();
    this.#abort = null;
    this.#opening = null;
  }

  /** Shows what was read elsewhere. */
  take(name: string, value: T): void {
    this.cancel();
    this.#problem = null;
    this.#onopen();
    this.#value = { ...value, name };
  }

  /** As if nothing had been opened. */
  clear(): void {
    this.cancel();
    this.#problem = null;
    this.#value = null;
  }

  /** Says that a choice of files cannot be opened. */
  refuse(name: string, message: string): void {
    this.cancel();
    this.#problem = { name, message };
  }
}
