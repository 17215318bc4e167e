import { afterAll, beforeAll, describe } from 'vitest';
import type { Backend, RowWish } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { lanesThatHold, longestHeldRow } from '../../src/backend/webgpu/held-rows.ts';
import { type AdapterTraits, planRows } from '../../src/backend/webgpu/strategy.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { float32Roundoff } from './tolerance.ts';

/** A backend as the kernels' tests see it. The WebGPU ones differ in what they pretend of the adapter, and so in strategy. */
export interface BackendUnderTest {
  name: string;
  /** null: the CPU engine */
  traits: AdapterTraits | null;
  /** unit roundoff of its arithmetic */
  roundoff: number;
  open(): Promise<Backend>;
}

const webgpu = (name: string, traits: AdapterTraits): BackendUnderTest => ({
  name,
  traits,
  roundoff: float32Roundoff,
  open: () => createWebGpuBackend(traits),
});

export const backends: readonly BackendUnderTest[] = [
  { name: 'cpu', traits: null, roundoff: 2 ** -53, open: async () => createCpuBackend() },
  webgpu('webgpu as software', { isFallback: true, subgroups: true, laneLimit: 256 }),
  webgpu('webgpu as hardware', { isFallback: false, subgroups: false, laneLimit: 256 }),
  webgpu('webgpu as hardware with subgroups', { isFallback: false, subgroups: true, laneLimit: 256 }),
];

/** Runs the tests on every backend. Without an adapter the WebGPU ones fail: they are never skipped. */
export function describeBackends(name: string, tests: (backend: () => Backend, under: BackendUnderTest) => void): void {
  describe.each(backends)(`${name} on $name`, (under) => {
    let backend: Backend | null = null;
    beforeAll(async () => {
      backend = await under.open();
    });
    afterAll(() => backend?.dispose());
    tests(() => {
      if (!backend) throw new Error(`${under.name} did not open.`);
      return backend;
    }, under);
  });
}

/** Every way that a backend can be told to reduce rows of this length; first of all, its own choice. */
export function wishesFor({ traits }: BackendUnderTest, columns: number): RowWish[] {
  if (!traits) return [{}];
  const strategies = ['packed', 'workgroup', 'split', 'split_workgroups'] as const;
  const wishes: RowWish[] = strategies.map((strategy) => ({ strategy, subgroups: traits.subgroups })); // on software too
  if (columns <= longestHeldRow) wishes.unshift({ strategy: 'held' });
  if (lanesThatHold(columns, traits.laneLimit)) wishes.unshift({ strategy: 'held_workgroup', subgroups: traits.subgroups });
  return [{}, ...wishes];
}

/** Additions in the longest chain of a row's sum, which bounds its rounding. */
export function chainOf({ traits }: BackendUnderTest, rows: number, columns: number, wish: RowWish): number {
  if (!traits) return columns;
  const { strategy, parts, run, lanes } = planRows(rows, columns, traits, wish);
  const quads = run || Math.ceil(Math.ceil(columns / 4) / parts);
  // Four columns of sums in an invocation; the lanes of a workgroup, merged in a tree or by subgroups of at least four.
  const own = strategy.endsWith('workgroup') || strategy === 'split_workgroups' ? Math.ceil(quads / lanes) + 6 * Math.log2(lanes) : quads;
  return own + 8 + (parts > 1 ? parts : 0);
}
