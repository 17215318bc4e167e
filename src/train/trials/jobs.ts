import type { Backend } from '../../backend/backend.ts';
import type { Entry } from './entries.ts';

/** Runs in lockstep at most: they are finished, and safe from cancellation, together. */
const mostTogether = 32;
/** Numbers in one storage at most where runs share it, so that no dispatch holds the device long. */
const mostNumbers = 2 ** 20;

/**
 * What is trained at a time, as places of entries, in the order of their first: on WebGPU runs on samples that can go in lockstep, in lists
 * as long as their storages allow; every other entry alone. The CPU engine would gain nothing: it has no calls to save.
 */
export async function jobsOf(backend: Backend, entries: readonly (Entry | null)[]): Promise<number[][]> {
  if (backend.kind === 'cpu') return [...entries.entries()].flatMap(([index, entry]) => (entry ? [[index]] : []));
  const { lockstepShape } = await import('../on-policy/lockstep-shape.ts'); // of a study's pairs alone it is not needed
  const jobs: number[][] = [];
  const growing = new Map<string, number[]>();
  for (const [index, entry] of entries.entries()) {
    if (!entry) continue;
    const shape = entry.kind === 'on-policy' ? lockstepShape(entry) : null;
    const list = shape && growing.get(shape.key);
    const most = shape ? Math.min(mostTogether, Math.floor(Math.min(mostNumbers, backend.maxStorageLength) / shape.numbers)) : 1;
    if (list && list.length < most) {
      list.push(index);
      continue;
    }
    const job = [index];
    jobs.push(job);
    if (shape) growing.set(shape.key, job);
  }
  return jobs;
}
