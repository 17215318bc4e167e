/**
 * Has several engines work side by side, each on a share of its own, and stops all where one fails. Rejects with what any of them rejects
 * with, or with the reason of the caller's signal, when all have stopped.
 */
export async function spread<Engine>(
  engines: readonly Engine[],
  given: AbortSignal | undefined,
  work: (engine: Engine, owner: number, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const signal = given ? AbortSignal.any([given, stop.signal]) : stop.signal;
  const ends = await Promise.allSettled(
    engines.map(async (engine, owner) => {
      try {
        await work(engine, owner, signal);
      } catch (error) {
        stop.abort(error);
        throw error;
      }
    }),
  );
  given?.throwIfAborted();
  // what stopped the others, not that they were stopped
  for (const end of ends) if (end.status === 'rejected') throw stop.signal.reason ?? end.reason;
}
