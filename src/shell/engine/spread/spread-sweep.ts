import { averagedRows as maps } from '../../../backend/ensemble-layout.ts';
import type { Sweep, SweepOptions, SweepResult } from '../../../core/experiment.ts';
import { maxRuns } from '../../../core/max-runs.ts';
import { spread } from './spread.ts';

/** One of the engines that a sweep is spread over. */
export interface Sweeper {
  sweep(sweep: Sweep, options?: SweepOptions): Promise<SweepResult>;
}

type Map = (typeof maps)[number];
const byMap = <T>(make: (name: Map) => T) => Object.fromEntries(maps.map((name) => [name, make(name)])) as Record<Map, T>;

/**
 * A sweep on several engines at once: each trains every n-th cell of the map, all seeds of it. So every number is computed as by one
 * engine alone, whatever their number. Rejects with what any of them rejects with, when all have stopped.
 */
export async function spreadSweep(engines: readonly Sweeper[], sweep: Sweep, options: SweepOptions = {}): Promise<SweepResult> {
  const cells = sweep.x.values.length * sweep.y.values.length;
  const runs = cells * (sweep.seeds ?? 1);
  const of = engines.length;
  const parts: (SweepResult | undefined)[] = new Array(of);
  const resumed = countEnded(sweep.resume);
  const trained = new Array<number>(of).fill(0);
  const { signal: given, onPartial } = options;
  await spread(engines, given, async (engine, index, signal) => {
    const onProgress = (done: number): void => {
      trained[index] = done - resumed;
      options.onProgress?.(resumed + trained.reduce((sum, own) => sum + own), runs);
    };
    const hear = (partial: SweepResult): void => {
      parts[index] = partial;
      const whole = merged(parts, cells);
      if (whole) onPartial?.(whole);
    };
    const heard = { signal, onProgress, ...(onPartial ? { onPartial: hear } : {}) }; // a map that nobody hears of need not travel
    parts[index] = await engine.sweep({ ...sweep, share: { index, of } }, heard);
  });
  const whole = merged(parts, cells);
  if (!whole) throw new Error('A part of the sweep is missing.');
  return whole;
}

/** Runs times updates of a sweep from which on an engine on every core is worth its start. */
const worthSpreading = 200_000;

/** Whether to spread a sweep. One that is none, asks for too much, or is a share already, is left to a single engine, which says what is wrong with it. */
export function isWorthSpreading({ experiment, x, y, seeds = 1, share }: Sweep): boolean {
  const runs = x?.values?.length * y?.values?.length * seeds;
  return !share && Number.isInteger(runs) && runs <= maxRuns && runs * experiment?.optimizer?.steps >= worthSpreading;
}

/** A sweep on one engine, or on several where that is worth their start. */
export async function pageSweep(
  first: Sweeper,
  helpers: () => Promise<readonly Sweeper[]>,
  sweep: Sweep,
  options?: SweepOptions,
): Promise<SweepResult> {
  if (!isWorthSpreading(sweep)) return first.sweep(sweep, options);
  return spreadSweep([first, ...(await helpers())], sweep, options);
}

const countEnded = (result: SweepResult | undefined): number =>
  result?.perSeed ? result.perSeed.state.reduce((sum, state) => sum + Number(state > 0), 0) : (result?.runs ?? 0);

/** The map of all, each cell from the engine that trains it; null while one of them has told nothing. */
function merged(told: readonly (SweepResult | undefined)[], cells: number): SweepResult | null {
  const parts = told.filter((part) => part !== undefined);
  const [first, ...others] = parts;
  if (!first || parts.length < told.length) return null;
  const gather = <T extends Float32Array | Uint32Array | Uint8Array>(arrayOf: (part: SweepResult) => T | undefined): T => {
    const whole = (arrayOf(first) as T).slice() as T;
    for (const [place, part] of others.entries()) {
      const own = arrayOf(part) as T;
      for (let seed = 0; seed < whole.length; seed += cells)
        for (let cell = place + 1; cell < cells; cell += parts.length) whole[seed + cell] = own[seed + cell] as number;
    }
    return whole;
  };
  const finished = gather((part) => part.finished);
  const perSeed = first.perSeed && {
    ...byMap((name) => gather((part) => part.perSeed?.[name])),
    state: gather((part) => part.perSeed?.state),
  };
  return {
    ...byMap((name) => gather((part) => part[name])),
    topGainer: gather((part) => part.topGainer),
    finished,
    diverged: gather((part) => part.diverged),
    runs: finished.reduce((sum, ended) => sum + ended, 0),
    ...(perSeed ? { perSeed } : {}),
  };
}
