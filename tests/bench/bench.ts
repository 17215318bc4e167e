import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { type Contestant, copyContestant, kernelContestant, shapes } from './contestants.ts';

export interface Measurement {
  kernel: string;
  shape: string;
  /** median milliseconds of one operation */
  milliseconds: number;
  /** half the spread between the quartiles, as a share of the median */
  spread: number;
  /** fewest bytes of the operation / time */
  gigabytesPerSecond: number;
  /** the copy kernel's, in the same rounds */
  copyGigabytesPerSecond: number;
  share: number;
}

/** Samples of about this long, so that the clock's resolution does not matter. */
const sampleMilliseconds = 40;

async function sample(contestant: Contestant, operations: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < operations; i++) contestant.enqueue();
  await contestant.done();
  return (performance.now() - start) / operations;
}

function quartiles(values: readonly number[]): { median: number; spread: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2 / at(0.5) };
}

/** Times each kernel and the copy kernel in turn: the same rounds see the same machine. */
export async function benchmark(rounds: number, filter: string): Promise<{ adapter: string; measurements: Measurement[] }> {
  const backend = await createWebGpuBackend();
  const measurements: Measurement[] = [];
  for (const shape of shapes) {
    const name = `[${shape.sizes.join(', ')}]`;
    if (!`${shape.kernel} ${name}`.includes(filter)) continue;
    const contestants = [kernelContestant(backend, shape), await copyContestant(shape)];
    const prepared = [];
    for (const contestant of contestants) {
      await sample(contestant, 1); // compiles
      const once = await sample(contestant, 1);
      prepared.push({ contestant, operations: Math.max(1, Math.min(50, Math.round(sampleMilliseconds / once))), times: [] as number[] });
    }
    for (let round = 0; round < rounds; round++)
      for (const { contestant, operations, times } of round % 2 ? prepared : prepared.toReversed())
        times.push(await sample(contestant, operations));
    const [kernel, copy] = prepared.map(({ contestant, times }) => {
      const { median, spread } = quartiles(times);
      return { median, spread, bandwidth: contestant.bytes / median / 1e6 };
    });
    for (const contestant of contestants) contestant.dispose();
    if (!kernel || !copy) continue;
    measurements.push({
      kernel: shape.kernel,
      shape: name,
      milliseconds: kernel.median,
      spread: kernel.spread,
      gigabytesPerSecond: kernel.bandwidth,
      copyGigabytesPerSecond: copy.bandwidth,
      share: kernel.bandwidth / copy.bandwidth,
    });
  }
  const { vendor, architecture, isFallback } = backend.adapter ?? { vendor: '?', architecture: '?', isFallback: false };
  backend.dispose();
  return { adapter: `${vendor} ${architecture}${isFallback ? ' (software)' : ''}`, measurements };
}
