/**
 * A worker that is killed, as for want of memory, says nothing: no `error` event comes. So it holds a Web Lock for its life, and whoever
 * waits for its answers asks for the same lock: it is granted when the worker is gone. Pages over plain HTTP and in sandboxed frames have
 * no locks; there such a death is not noticed.
 */

/** In a worker: takes a lock that is let go only with the worker, and tells its name once it has it. */
export function holdLife(tell: (lock: string) => void): void {
  if (!navigator.locks) return;
  const lock = `prefscope worker ${crypto.randomUUID()}`;
  navigator.locks
    .request(lock, () => {
      tell(lock);
      return new Promise(() => {});
    })
    .catch(() => {}); // refused: as without locks
}

/** Calls `onEnd` when the worker that holds the lock has ended, however it did; not after `signal` is aborted. */
export function watchLife(lock: string, signal: AbortSignal, onEnd: () => void): void {
  navigator.locks.request(lock, { signal }, onEnd).catch(() => {});
}
