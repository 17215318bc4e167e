import type { Backend, BackendKind } from '../../backend/backend.ts';
import type { SideBySide } from './ensemble.ts';

/** How long one dispatch should hold the device, in milliseconds: under two frames. */
const sliceTime = 30;
/**
 * How long the runs of one ensemble should take; they are finished, and safe from cancellation, together. A GPU has room for many; where
 * they are trained a few at a time, it spares their being taken up again that few begin at once.
 */
const chunkTime: Readonly<Record<BackendKind, number>> = { webgpu: 200, cpu: 60 };
/** Runs of the first ensemble, before anything was measured. */
const firstChunk = 64;

/** What the time of earlier slices says of the next: sizes grow by at most a factor of four, whatever was measured. */
export class Pace {
  /** milliseconds for one update of one run */
  #cost = Number.POSITIVE_INFINITY;
  #lastChunk = firstChunk / 4;
  #lastWork = firstChunk;
  readonly #chunkTime: number;

  constructor(backend: BackendKind) {
    this.#chunkTime = chunkTime[backend];
  }

  chunk(remaining: number, capacity: number, steps: number): number {
    const affordable = steps === 0 ? remaining : Math.floor(this.#chunkTime / (this.#cost * steps));
    const size = Math.min(remaining, capacity, 4 * this.#lastChunk, Math.max(firstChunk, affordable));
    this.#lastChunk = Math.max(size, firstChunk);
    return size;
  }

  updates(runs: number, remaining: number): number {
    const work = Math.min(4 * this.#lastWork, Math.max(1, sliceTime / this.#cost));
    return Math.max(1, Math.min(remaining, Math.floor(work / runs)));
  }

  observe(runs: number, updates: number, milliseconds: number): void {
    this.#lastWork = Math.max(runs, runs * updates);
    if (updates > 0) this.#cost = Math.max(milliseconds, 1e-3) / (runs * updates);
  }
}

/** Trains runs side by side to their end in dispatches that leave the device, and whoever waits, room between them. */
export async function trainInSlices(ensemble: SideBySide, backend: Backend, pace: Pace, breathe: () => Promise<void>): Promise<void> {
  do {
    const left = ensemble.steps - ensemble.step;
    const updates = Math.min(pace.updates(ensemble.runs, left), left);
    const began = performance.now();
    ensemble.train(updates);
    await backend.done();
    pace.observe(ensemble.runs, updates, performance.now() - began);
    await breathe();
  } while (ensemble.step < ensemble.steps);
}
