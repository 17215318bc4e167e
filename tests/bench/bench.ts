import type { AdapterDescription } from '../../src/backend/backend.ts';
import type { Contestant } from './contestant.ts';
import { prepareCopy } from './copy.ts';
import { cpuEngines } from './cpu-engine.ts';
import { countGpuWork } from './gpu-counters.ts';
import { plainLoop, reference } from './loop.ts';
import { type Failure, type Measurement, measure } from './measure.ts';
import { openPrefscope } from './prefscope.ts';
import { copiedNumbers, fewestBytes, isRuns, makeTask, nameOf, quickShapes, type Shape, shapes, updatesOf } from './tasks.ts';

export interface Options {
  rounds: number;
  quick: boolean;
  /** part of a kernel's name or shape */
  only: string;
  /** URLs of folders; null: not installed */
  wasmFolder: string;
  onnxFolder: string | null;
}

export interface ShapeReport {
  kernel: Shape['kernel'];
  name: string;
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
}

export const copyName = 'copy kernel';

export const describeAdapter = (adapter: AdapterDescription | null): string =>
  adapter ? `${adapter.vendor} ${adapter.architecture}${adapter.isFallback ? ' (software)' : ''}` : 'none';

/** Measures every shape in turn, and says which. */
export async function benchmarkShapes(
  contestants: readonly Contestant[],
  { rounds, quick, only }: Pick<Options, 'rounds' | 'quick' | 'only'>,
): Promise<ShapeReport[]> {
  const copy: Contestant = {
    name: copyName,
    prepare: async (task) => (isRuns(task) ? null : prepareCopy(copiedNumbers(task))),
  };
  const reports: ShapeReport[] = [];
  for (const shape of quick ? quickShapes : shapes) {
    const name = nameOf(shape);
    if (!name.includes(only)) continue;
    console.log(name);
    const task = makeTask(shape);
    const expected = reference(task);
    const { measurements, failures } = await measure(task, [copy, ...contestants], expected, rounds);
    reports.push({
      kernel: shape.kernel,
      name,
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
  const open = async (contestant: string, opening: () => Promise<Contestant>) => {
    try {
      contestants.push(await opening());
    } catch (reason) {
      failures.push({ contestant, reason: reason instanceof Error ? reason.message : String(reason) });
    }
  };
  const tfjs = await import('./tfjs.ts');
  await open('TF.js WebGPU', () => tfjs.openTfjs('webgpu', options.wasmFolder));
  await open('TF.js WASM', () => tfjs.openTfjs('wasm', options.wasmFolder));
  await open('jax-js WebGPU', async () => (await import('./jax.ts')).openJax());
  const { onnxFolder } = options;
  if (onnxFolder) await open('ONNX Runtime WebGPU', async () => (await import('./onnx.ts')).openOnnx(onnxFolder));
  else failures.push({ contestant: 'ONNX Runtime WebGPU', reason: 'could not be installed' });
  const reports = await benchmarkShapes(contestants, options);
  for (const report of reports) report.failures.push(...failures);
  const adapter = describeAdapter(prefscope.backend.adapter);
  prefscope.backend.dispose();
  return { adapter, shapes: reports };
}
