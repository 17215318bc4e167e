import type { AdapterDescription } from '../../src/backend/backend.ts';
import { type Contestant, copyName } from './contestant.ts';
import { type Folders, peers } from './contestants.ts';
import { prepareCopy } from './copy.ts';
import { cpuEngines } from './cpu-engine.ts';
import { countGpuWork } from './gpu-counters.ts';
import { plainLoop, reference } from './loop.ts';
import { type Failure, type Measurement, measure } from './measure.ts';
import { openPrefscope } from './prefscope.ts';
import { copiedNumbers, fewestBytes, isRuns, makeTask, nameOf, quickShapes, type Shape, shapes, updatesOf } from './tasks.ts';

export interface Options extends Folders {
  rounds: number;
  quick: boolean;
  /** part of a kernel's name or shape */
  only: string;
}

export interface ShapeReport {
  kernel: Shape['kernel'];
  name: string;
  /** width of a row, or updates of an ensemble */
  columns: number;
  fewestBytes: number;
  copiedBytes: number;
  /** updates of all runs together; 0 where nothing is trained */
  updates: number;
  measurements: Measurement[];
  failures: Failure[];
}

export interface Report {
  adapter: string;
  shapes: ShapeReport[];
  /** every kernel at every width of a row */
  widths: ShapeReport[];
}

export const describeAdapter = (adapter: AdapterDescription | null): string =>
  adapter ? `${adapter.vendor} ${adapter.architecture}${adapter.isFallback ? ' (software)' : ''}` : 'none';

/** Measures every shape in turn, and says which. */
export async function benchmarkShapes(
  contestants: readonly Contestant[],
  { rounds, quick, only }: Pick<Options, 'rounds' | 'quick' | 'only'>,
  list: readonly Shape[] = quick ? quickShapes : shapes,
): Promise<ShapeReport[]> {
  const copy: Contestant = {
    name: copyName,
    prepare: async (task) => (isRuns(task) ? null : prepareCopy(copiedNumbers(task))),
  };
  const reports: ShapeReport[] = [];
  for (const shape of list) {
    const name = nameOf(shape);
    if (!name.includes(only)) continue;
    console.log(name);
    const task = makeTask(shape);
    const expected = reference(task);
    const { measurements, failures } = await measure(task, [copy, ...contestants], expected, rounds);
    reports.push({
      kernel: shape.kernel,
      name,
      columns: shape.sizes.at(-1) ?? 0,
      fewestBytes: fewestBytes(task),
      copiedBytes: isRuns(task) ? 0 : 8 * copiedNumbers(task),
      updates: updatesOf(task),
      measurements,
      failures,
    });
  }
  return reports;
}

/** The page's part of `npm run bench`. */
export async function benchmark(options: Options): Promise<Report> {
  countGpuWork();
  const prefscope = await openPrefscope();
  const contestants: Contestant[] = [prefscope, plainLoop, ...cpuEngines];
  const failures: Failure[] = [];
  for (const { name, load } of peers(options)) {
    try {
      const open = await load();
      contestants.push(await open());
    } catch (reason) {
      failures.push({ contestant: name, reason: reason instanceof Error ? reason.message : String(reason) });
    }
  }
  const reports = await benchmarkShapes(contestants, options);
  for (const report of reports) report.failures.push(...failures);
  const adapter = describeAdapter(prefscope.backend.adapter);
  prefscope.backend.dispose();
  return { adapter, shapes: reports, widths: [] };
}
