import type { Sweeper } from './spread-sweep.ts';
import type { Trier } from './spread-trials.ts';

/** An engine that shares the work of another. */
export type Helper = Sweeper & Trier & { close(): void };

/** Engines at most that share work. */
const mostCores = 8;

/** Engines beside the first: one for each further core, fewer where the browser gives no more. */
export async function openHelpers(open: () => Promise<Helper>): Promise<Helper[]> {
  const count = Math.min(mostCores, navigator.hardwareConcurrency ?? 1) - 1;
  const opened = await Promise.allSettled(Array.from({ length: Math.max(0, count) }, open));
  return opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}
