import type { SweepResult } from '../../core/experiment.ts';
import type { EngineCalls } from '../../shell/engine/page-engine.ts';
import { type MapAxis, sweepAxis } from './toys/map-axes.ts';
import { type MapBase, mapExperiment } from './toys/map-toys.ts';

/** A map at one resolution: `count` × `count` cells, row 0 at the lower end of y. */
export interface MapLevel {
  readonly count: number;
  readonly result: SweepResult;
}

/** One level to be trained. */
export interface LevelTask {
  readonly engine: EngineCalls;
  readonly base: MapBase;
  readonly x: MapAxis;
  readonly y: MapAxis;
  readonly count: number;
  readonly seeds: number;
  readonly signal: AbortSignal;
  /** runs of this level that have finished */
  onProgress(done: number): void;
}

/** The map of one objective. What a level has finished is kept, and not trained again. */
export class MapPlane {
  #levels = $state.raw<readonly MapLevel[]>([]);

  /** coarse to fine; the last may be under way */
  get levels(): readonly MapLevel[] {
    return this.#levels;
  }
  get finest(): MapLevel | null {
    return this.#levels.at(-1) ?? null;
  }

  /** runs of a level that have finished */
  finished(count: number): number {
    return this.#levels.find((level) => level.count === count)?.result.runs ?? 0;
  }

  /** Forgets the levels that are finer than this. */
  coarsen(count: number): void {
    this.#levels = this.#levels.filter((level) => level.count <= count);
  }

  /** Trains what is left of a level. */
  async train({ engine, base, x, y, count, seeds, signal, onProgress }: LevelTask): Promise<void> {
    const runs = count * count * seeds;
    const before = this.#levels.find((level) => level.count === count)?.result;
    if (before?.runs === runs) {
      onProgress(runs);
      return;
    }
    const show = (result: SweepResult) => {
      // What a call that was broken off still says may come late.
      if (result.runs < this.finished(count)) return;
      this.#levels = [...this.#levels.filter((level) => level.count !== count), { count, result }];
    };
    const result = await engine.sweep(
      {
        experiment: mapExperiment(base),
        x: sweepAxis(x, base, count),
        y: sweepAxis(y, base, count),
        ...(seeds > 1 ? { seeds, perSeed: true } : {}),
        ...(before ? { resume: before } : {}),
      },
      { signal, onProgress, onPartial: show },
    );
    show(result);
  }
}
