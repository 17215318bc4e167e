import { afterAll, beforeAll } from 'vitest';
import type { Backend, FurtherKernels, Storage } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';

/** What a kernel reads and writes, by name. Outputs are among them, filled with what must be overwritten or left alone. */
type Arrays<Name extends string> = Readonly<Record<Name, Float32Array | Uint32Array>>;
export type Call<Name extends string> = (kernels: Backend & FurtherKernels, storages: Readonly<Record<Name, Storage>>) => void;
type Results<Name extends string> = Record<Name, ArrayLike<number>>;

/** Uploads the arrays, calls the kernels and reads all arrays back. */
async function compute<Name extends string>(backend: Backend, arrays: Arrays<Name>, call: Call<Name>): Promise<Results<Name>> {
  const names = Object.keys(arrays) as Name[];
  const storages = Object.fromEntries(names.map((name) => [name, backend.upload(arrays[name])])) as Record<Name, Storage>;
  call({ ...backend, ...(await backend.further()) }, storages);
  const results: Partial<Results<Name>> = {};
  for (const name of names) {
    results[name] = storages[name].type === 'u32' ? await backend.readIndices(storages[name]) : await backend.read(storages[name]);
    storages[name].dispose();
  }
  return results as Results<Name>;
}

/**
 * The float64 twins by themselves. Given the sizes of a sum's terms instead of the terms, they tell the size of the sum that bounds its
 * rounding.
 */
export const onCpu = <Name extends string>(arrays: Arrays<Name>, call: Call<Name>): Promise<Results<Name>> =>
  compute(createCpuBackend(), arrays, call);

/** Opens a device for the tests of a file. The function calls a kernel there and its float64 twin here, with the same numbers. */
export function openTwins(): <Name extends string>(
  arrays: Arrays<Name>,
  call: Call<Name>,
) => Promise<{ gpu: Results<Name>; cpu: Results<Name> }> {
  let backend: Backend | null = null;
  beforeAll(async () => {
    backend = await createWebGpuBackend();
  });
  afterAll(() => backend?.dispose());
  return async (arrays, call) => {
    if (!backend) throw new Error('The WebGPU backend did not open.');
    return { gpu: await compute(backend, arrays, call), cpu: await onCpu(arrays, call) };
  };
}

export const sizesOf = (values: Float32Array): Float32Array => values.map(Math.abs);
