import type { Task } from './tasks.ts';

/** The contestant that only copies: what the others' bandwidth is measured by. */
export const copyName = 'copy kernel';

/** What an operation computed, by name; the names are those of `loop.ts`. */
export type Results = Readonly<Record<string, ArrayLike<number>>>;

/** One way to do a task on inputs that are where the contestant wants them. */
export interface Way {
  name: string;
  /** issues the work once, and frees what the last call left */
  enqueue(): void | Promise<void>;
  /** resolves when all issued work has finished */
  done(): Promise<void>;
  /** results of the last call; null where there is nothing to compare */
  read(): Promise<Results | null>;
}

export interface Prepared {
  /** the fastest is measured */
  ways: readonly Way[];
  /** called, untimed, before each sample: several contestants share a page */
  activate?(): Promise<void>;
  dispose(): void;
}

export interface Contestant {
  name: string;
  /** null where it has no such operation */
  prepare(task: Task): Promise<Prepared | null>;
}
