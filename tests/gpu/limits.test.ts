import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import { DeviceLimitError } from '../../src/core/errors.ts';
import { normalRows } from './rows.ts';
import { makeSequences, uploadSequences } from './sequences.ts';

/** A binding of this size holds 64 rows of 100 columns, not 128. */
const maxBinding = 4 * 100 * 100;
let cut: Backend;
let whole: Backend;
let cpu: Backend;

beforeAll(async () => {
  cut = await createWebGpuBackend({ maxBinding });
  whole = await createWebGpuBackend();
  cpu = createCpuBackend();
});

afterAll(() => {
  cut.dispose();
  whole.dispose();
});

test.each(['packed', 'workgroup', 'split', 'split_workgroups'] as const)(
  'log_softmax (%s) of what exceeds a binding is cut into parts, with the same bits',
  async (strategy) => {
    const columns = 100;
    const logits = normalRows(333, columns, 4);
    const results = [];
    for (const backend of [cut, whole]) {
      const y = backend.allocate('float', logits.length);
      backend.logSoftmax({ rows: 333, columns, logits: backend.upload(logits), logProbs: y, strategy });
      results.push(await backend.read(y));
    }
    expect(results[0]).toEqual(results[1]);
  },
);

test('log-probs and gradients of what exceeds a binding are cut into parts, with the same bits', async () => {
  const batch = makeSequences(9, 37, 100, 3); // a part ends within a sequence
  const slopes = Float32Array.from({ length: 18 }, (_, i) => i - 7.5);
  const results = [];
  for (const backend of [cut, whole, cpu]) {
    const { task } = uploadSequences(backend, batch, { strategy: 'packed' });
    const logps = backend.allocate('float', 9);
    const gradient = backend.allocate('float', batch.logits.length);
    backend.sequenceLogps({ ...task, logps });
    backend.preferenceGradients({ ...task, side: 'rejected', slopes: backend.upload(slopes), gradient });
    results.push({ logps: await backend.read(logps), gradient: await backend.read(gradient) });
  }
  expect(results[0]).toEqual(results[1]);
  expect(results[0]?.logps[8]).toBeCloseTo(results[2]?.logps[8] as number, 2);
});

test.each(['packed', 'workgroup', 'held_workgroup', 'split', 'split_workgroups'] as const)(
  'stats and gradients (%s) of what exceeds a binding are cut into parts, with the same bits',
  async (strategy) => {
    const batch = makeSequences(9, 37, 100, 3); // a part ends within a sequence
    const slopes = Float32Array.from({ length: 18 }, (_, i) => i - 7.5);
    const results = [];
    for (const backend of [cut, whole]) {
      const { rowGradients } = await backend.further();
      const { task } = uploadSequences(backend, batch);
      const stats = backend.allocate('float', 2 * 9 * 37);
      const gradient = backend.allocate('float', batch.logits.length);
      rowGradients({ ...task, stats, side: 'rejected', slopes: backend.upload(slopes), gradient, strategy });
      results.push({ stats: await backend.read(stats), gradient: await backend.read(gradient) });
    }
    expect(results[0]).toEqual(results[1]);
  },
);

test('rows too long for any binding are refused by name', () => {
  const x = cut.allocate('float', 200);
  const y = cut.allocate('float', 200);
  expect(() => cut.logSoftmax({ rows: 65, columns: 200, logits: x, logProbs: y })).toThrow(DeviceLimitError);
});

test('a tensor beyond the largest buffer is refused by name', () => {
  expect(() => whole.allocate('float', 2 ** 33)).toThrow(DeviceLimitError);
});

test('what is given back is reused, and an allocation is zeroed all the same', async () => {
  const first = whole.upload(new Float32Array(1000).fill(3));
  const target = whole.allocate('float', 2000);
  whole.copy(first, target, 0); // recorded, not yet submitted
  first.dispose();
  first.dispose(); // harmless
  const second = whole.upload(new Float32Array(1000).fill(4)); // may be the same buffer: must not overtake the copy
  whole.copy(second, target, 1000);
  second.dispose();
  const third = whole.allocate('float', 1000);
  const fourth = whole.allocate('float', 1000);
  expect(await whole.read(target)).toEqual(Float32Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 3 : 4)));
  expect(await whole.read(third)).toEqual(new Float32Array(1000));
  expect(await whole.read(fourth)).toEqual(new Float32Array(1000));
});
