/**
 * A worker that is killed, as for want of memory, says nothing: no `error` event comes. So it holds a Web Lock for its life, and whoever
 * waits for its answers asks for the same lock: it is granted when the worker is gone. Pages over plain HTTP and in sandboxed frames have
 * no locks; there such a death is not noticed.
 */

/**
 * In a worker: takes a lock that is let go only with the worker, and tells its name. Resolves when it has been told, or when there are no
 * locks: what the worker answers after that is missed if it dies.
 */
export function holdLife(tell: (lock: string) => void): Promise<void> {
  if (!navigator.locks) return Promise.resolve();
  const lock = `prefscope worker ${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const hold = () => {
      tell(lock);
      resolve();
      return new Promise(() => {});
    };
    navigator.locks.request(lock, hold).catch(() => resolve()); // refused: as without locks
  });
}

/** Calls `onEnd` when the worker that holds the lock has ended, however it did; not after `signal` is aborted. */
export function watchLife(lock: string, signal: AbortSignal, onEnd: () => void): void {
  navigator.locks.request(lock, { signal }, onEnd).catch(() => {});
}
