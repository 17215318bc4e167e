import { averagedRows as maps } from '../../backend/ensemble-layout.ts';
import type { RunOptions, Sweep, SweepOptions, SweepResult } from '../../core/experiment.ts';
import { spread } from './spread.ts';

/** One of the engines that a sweep is spread over. */
export interface Sweeper {
  sweep(sweep: Sweep, options?: SweepOptions): Promise<SweepResult>;
}

type Map = (typeof maps)[number];
const byMap = <T>(make: (name: Map) => T) => Object.fromEntries(maps.map((name) => [name, make(name)])) as Record<Map, T>;

/**
 * A sweep on several engines at once: each trains every n-th cell of the map, all seeds of it, and is told that the others' cells are
 * finished. So every number is computed as by one engine alone, whatever their number. Rejects with what any of them rejects with, when all
 * have stopped.
 */
export async function spreadSweep(engines: readonly Sweeper[], sweep: Sweep, options: SweepOptions = {}): Promise<SweepResult> {
  const cells = sweep.x.values.length * sweep.y.values.length;
  const runs = cells * (sweep.seeds ?? 1);
  const ownerOf = (run: number): number => (run % cells) % engines.length; // runs stand seed after seed
  const parts: (SweepResult | undefined)[] = new Array(engines.length);
  const resumed = countEnded(sweep.resume);
  const finished = new Array<number>(engines.length).fill(0);
  await spread(engines, options.signal, async (engine, owner, signal) => {
    const resume = othersFinished(sweep.resume, runs, cells, (run) => ownerOf(run) !== owner);
    const known = countEnded(resume);
    const report: RunOptions['onProgress'] = (done) => {
      finished[owner] = done - known;
      options.onProgress?.(resumed + finished.reduce((sum, own) => sum + own), runs);
    };
    const hear = (partial: SweepResult): void => {
      parts[owner] = partial;
      const whole = options.onPartial && merged(parts, runs, cells, ownerOf);
      if (whole) options.onPartial?.(given(whole, sweep));
    };
    parts[owner] = await engine.sweep({ ...sweep, perSeed: true, resume }, { signal, onProgress: report, onPartial: hear });
  });
  const whole = merged(parts, runs, cells, ownerOf);
  if (!whole) throw new Error('A part of the sweep is missing.');
  return given(whole, sweep);
}

const countEnded = (result: SweepResult | undefined): number =>
  result?.perSeed ? result.perSeed.state.reduce((sum, state) => sum + Number(state > 0), 0) : (result?.runs ?? 0);

const given = ({ perSeed, ...means }: SweepResult, sweep: Sweep): SweepResult => (sweep.perSeed && perSeed ? { ...means, perSeed } : means);

/** What a sweep goes on from in which the `others` runs are another engine's. */
function othersFinished(resume: SweepResult | undefined, runs: number, cells: number, others: (run: number) => boolean): SweepResult {
  const numbers = (length: number) => new Float32Array(length).fill(Number.NaN);
  const known = resume?.perSeed;
  const state = known
    ? known.state.slice()
    : Uint8Array.from({ length: runs }, (_, run) => (resume?.finished[run] ? 1 + Math.min(1, resume.diverged[run] ?? 0) : 0));
  for (let run = 0; run < runs; run++) if (others(run)) state[run] = 1;
  return {
    ...byMap((name) => resume?.[name] ?? numbers(cells)),
    topGainer: resume?.topGainer ?? new Uint32Array(cells),
    finished: resume?.finished ?? new Uint32Array(cells),
    diverged: resume?.diverged ?? new Uint32Array(cells),
    runs: resume?.runs ?? 0,
    perSeed: { ...byMap((name) => known?.[name] ?? resume?.[name] ?? numbers(runs)), state },
  };
}

/** The map of all, each cell from the engine that trains it; null while one of them has told nothing. */
function merged(
  parts: readonly (SweepResult | undefined)[],
  runs: number,
  cells: number,
  ownerOf: (run: number) => number,
): SweepResult | null {
  const [first] = parts;
  if (!first?.perSeed || !parts.every((part) => part?.perSeed)) return null;
  const pick = <T extends Float32Array | Uint32Array | Uint8Array>(
    length: number,
    of: (part: SweepResult) => T | undefined,
    like: T,
  ): T => {
    const whole = like.slice() as T;
    for (let i = 0; i < length; i++) {
      const part = parts[ownerOf(i)];
      whole[i] = (part && of(part)?.[i]) ?? Number.NaN;
    }
    return whole;
  };
  const state = pick(runs, (part) => part.perSeed?.state, first.perSeed.state);
  const { perSeed } = first;
  return {
    ...byMap((name) => pick(cells, (part) => part[name], first[name])),
    topGainer: pick(cells, (part) => part.topGainer, first.topGainer),
    finished: pick(cells, (part) => part.finished, first.finished),
    diverged: pick(cells, (part) => part.diverged, first.diverged),
    runs: state.reduce((sum, ended) => sum + Number(ended > 0), 0),
    perSeed: { ...byMap((name) => pick(runs, (part) => part.perSeed?.[name], perSeed[name])), state },
  };
}
