import type { Contestant, Prepared, Results, Way } from './contestant.ts';
import { countDuring, type GpuCounts } from './gpu-counters.ts';
import { reference } from './loop.ts';
import { isRuns, sampleOf, type Task } from './tasks.ts';

/** A contestant's measurement at one task. */
export interface Measurement {
  contestant: string;
  /** the fastest of the ways in which it was written */
  way: string;
  /** median milliseconds of one operation */
  milliseconds: number;
  /** of the first operation in a page of its own, where that was measured */
  cold?: number;
  /** whether only a part of the work was done, and the time of the whole is reckoned from it */
  isExtrapolated: boolean;
  /** half the distance between the quartiles, as a share of the median */
  spread: number;
  rounds: number;
  /** largest absolute difference to float64, and the same as a share of the largest value; NaN where a result is NaN */
  error: { absolute: number; relative: number };
  counts: GpuCounts;
}

export interface Failure {
  contestant: string;
  reason: string;
}

/** Samples of about this long, so that the clock's resolution does not matter. */
const sampleMilliseconds = 40;
/** Samples longer than this are taken in fewer rounds. */
const longSample = 2000;

async function issue(way: Way, operations: number): Promise<void> {
  for (let i = 0; i < operations; i++) {
    const issued = way.enqueue();
    if (issued) await issued;
  }
  await way.done();
}

/** Milliseconds of one operation, of `operations` issued back to back and waited for once. */
async function sample(way: Way, operations: number): Promise<number> {
  const start = performance.now();
  await issue(way, operations);
  return (performance.now() - start) / operations;
}

function quartiles(values: readonly number[]): { median: number; spread: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN;
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2 / at(0.5) };
}

export function errorOf(results: Results, expected: Results): Measurement['error'] {
  const error = { absolute: 0, relative: 0 };
  for (const [name, values] of Object.entries(expected)) {
    const own = results[name];
    if (own?.length !== values.length) throw new Error(`${name} has ${own?.length ?? 'no'} elements instead of ${values.length}.`);
    let [most, scale] = [0, 0];
    for (let i = 0; i < values.length; i++) {
      const off = Math.abs((own[i] as number) - (values[i] as number));
      if (!(off <= most)) most = off; // NaN, once there, stays
      scale = Math.max(scale, Math.abs(values[i] as number));
    }
    error.absolute = Math.max(error.absolute, most);
    error.relative = Math.max(error.relative, most / scale);
  }
  return error;
}

interface Runner {
  contestant: string;
  prepared: Prepared;
  /** what times are multiplied by */
  scale: number;
  way: Way;
  /** milliseconds of one operation when warm */
  once: number;
  operations: number;
  times: number[];
  error: Measurement['error'];
  counts: GpuCounts;
}

/** Compiles and checks every way of a contestant, and keeps the fastest. */
async function warmUp(contestant: string, prepared: Prepared, expected: Results): Promise<Omit<Runner, 'scale'>> {
  await prepared.activate?.();
  let best: { way: Way; once: number; error: Measurement['error'] } | null = null;
  let failure: unknown = null;
  for (const way of prepared.ways) {
    try {
      await sample(way, 1); // compiles
      const results = await way.read();
      const error = results ? errorOf(results, expected) : { absolute: 0, relative: 0 };
      const first = await sample(way, 1);
      const once = first > longSample ? first : Math.min(first, await sample(way, 1));
      if (!best || once < best.once) best = { way, once, error };
    } catch (reason) {
      failure = reason;
    }
  }
  if (!best) throw failure;
  const { way, once, error } = best;
  const counts = await countDuring(() => issue(way, 1));
  const operations = Math.max(1, Math.min(50, Math.round(sampleMilliseconds / once)));
  return { contestant, prepared, way, once, operations, times: [], error, counts };
}

/** On the whole task, or on a sample of it where the whole would take too long. */
async function prepareRunner(contestant: Contestant, task: Task, expected: Results): Promise<Runner | null> {
  const start = async (part: Task, results: Results) => {
    const prepared = await contestant.prepare(part);
    if (!prepared) return null;
    try {
      return await warmUp(contestant.name, prepared, results);
    } catch (reason) {
      prepared.dispose();
      throw reason;
    }
  };
  if (isRuns(task)) {
    const { sample, times, description } = sampleOf(task);
    const probe = await start(sample, reference(sample));
    if (!probe) return null;
    // only where what does not grow with the work is nothing beside it
    if (probe.once > longSample) return { ...probe, scale: times, way: { ...probe.way, name: `${probe.way.name}, ${description}` } };
    probe.prepared.dispose();
  }
  const runner = await start(task, expected);
  return runner && { ...runner, scale: 1 };
}

/** Every contestant once a round, each round beginning with another: the same rounds see the same machine. */
export async function measure(
  task: Task,
  contestants: readonly Contestant[],
  expected: Results,
  rounds: number,
): Promise<{ measurements: Measurement[]; failures: Failure[] }> {
  const runners: Runner[] = [];
  const failures: Failure[] = [];
  for (const contestant of contestants) {
    try {
      const runner = await prepareRunner(contestant, task, expected);
      if (runner) runners.push(runner);
    } catch (reason) {
      failures.push({ contestant: contestant.name, reason: reason instanceof Error ? reason.message : String(reason) });
    }
  }
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < runners.length; i++) {
      const runner = runners[(i + round) % runners.length];
      if (!runner || (round >= 3 && Math.max(...runner.times) > longSample * runner.scale)) continue;
      await runner.prepared.activate?.();
      runner.times.push(runner.scale * (await sample(runner.way, runner.operations)));
    }
  const measurements = runners.map(({ contestant, way, times, error, counts, scale }) => {
    const { median, spread } = quartiles(times);
    return { contestant, way: way.name, milliseconds: median, isExtrapolated: scale !== 1, spread, rounds: times.length, error, counts };
  });
  for (const { prepared } of runners) {
    await prepared.activate?.();
    prepared.dispose();
  }
  return { measurements, failures };
}
