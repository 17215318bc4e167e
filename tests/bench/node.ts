import { benchmarkShapes, describeAdapter, type Options, type Report } from './bench.ts';
import type { Contestant } from './contestant.ts';
import { countGpuWork } from './gpu-counters.ts';
import { plainLoop } from './loop.ts';
import { openPrefscope } from './prefscope.ts';
import { shapesOfWidths } from './tasks.ts';

/** Far above what float32 rounds off at these shapes, far below what any mistake does. */
const largestError = 1e-4;

/**
 * `npm run bench:node`'s part that runs on Dawn, once `navigator.gpu` is there; `widths`: each kernel at each width of a row besides.
 * Rejects where a kernel's results are wrong.
 */
export async function benchmarkInNode(options: Pick<Options, 'rounds' | 'quick' | 'only'> & { widths: boolean }): Promise<Report> {
  countGpuWork();
  const prefscope = await openPrefscope();
  const contestants: Contestant[] = [prefscope, plainLoop];
  const reports = await benchmarkShapes(contestants, options);
  const widths = options.widths ? await benchmarkShapes([prefscope], options, shapesOfWidths(options.quick)) : [];
  for (const { name, measurements, failures } of [...reports, ...widths]) {
    for (const { contestant, reason } of failures) throw new Error(`${name}: ${contestant} failed: ${reason}`);
    for (const { contestant, error } of measurements)
      if (!(error.relative < largestError)) throw new Error(`${name}: ${contestant} is off by ${error.absolute}.`);
  }
  const adapter = describeAdapter(prefscope.backend.adapter);
  prefscope.backend.dispose();
  return { adapter, shapes: reports, widths };
}
