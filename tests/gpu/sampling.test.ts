import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createBackend } from '../../src/backend/create.ts';

const backends: Partial<Record<'cpu' | 'webgpu', Backend>> = {};
beforeAll(async () => {
  for (const kind of ['cpu', 'webgpu'] as const) backends[kind] = (await createBackend(kind)).backend;
});
afterAll(() => {
  for (const backend of Object.values(backends)) backend.dispose();
});
const get = (kind: 'cpu' | 'webgpu'): Backend => {
  const backend = backends[kind];
  if (!backend) throw new Error(`The ${kind} backend did not open.`);
  return backend;
};

async function sample(backend: Backend, logits: number[], draws: number, round = 0): Promise<Uint32Array> {
  const columns = logits.length;
  const x = backend.upload(Float32Array.from(logits));
  const mask = backend.upload(Uint32Array.of(1));
  const stats = backend.allocate('float', 2);
  backend.logSumExp({ rows: 1, columns, logits: x, mask, stats });
  const samples = backend.allocate('u32', draws);
  const { sampleCategorical } = await backend.further();
  sampleCategorical({ rows: 1, columns, draws, seed: 20240601, stream: 4, round, logits: x, stats, samples });
  const drawn = await backend.readIndices(samples);
  for (const storage of [x, mask, stats, samples]) storage.dispose();
  return drawn;
}

const logits = [0.3, -1.2, 2, Number.NEGATIVE_INFINITY, 0, -4, 1.1, 0.7, -0.4, -2.5];

describe.each(['cpu', 'webgpu'] as const)('categorical samples on %s', (kind) => {
  test('a million draws pass a chi-squared test', async () => {
    const draws = 1_000_000;
    const counts = new Float64Array(logits.length);
    for (const token of await sample(get(kind), logits, draws)) counts[token] = (counts[token] ?? 0) + 1;
    const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
    let chiSquared = 0;
    for (const [token, x] of logits.entries()) {
      const expected = (draws * Math.exp(x)) / total;
      if (expected === 0) expect(counts[token]).toBe(0);
      else chiSquared += ((counts[token] ?? 0) - expected) ** 2 / expected;
    }
    // 9 tokens can occur: 8 degrees of freedom, whose upper 0.1 % and lower 0.1 % points are 26.12 and 0.857. Float32 moves a boundary
    // by about 1e-7, which adds 1e-14 · draws / p, below 1e-5.
    expect(chiSquared).toBeLessThan(26.12);
    expect(chiSquared).toBeGreaterThan(0.857);
  });

  test('the same key gives the same draws, another round others', async () => {
    const [first, again, other] = [
      await sample(get(kind), logits, 999),
      await sample(get(kind), logits, 999),
      await sample(get(kind), logits, 999, 1),
    ];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('a row without a distribution is marked, and no other', async () => {
    const backend = get(kind);
    const x = backend.upload(Float32Array.of(0, 1, Number.NaN, 1));
    const mask = backend.upload(Uint32Array.of(1, 1));
    const stats = backend.allocate('float', 4);
    backend.logSumExp({ rows: 2, columns: 2, logits: x, mask, stats });
    const samples = backend.allocate('u32', 6);
    (await backend.further()).sampleCategorical({ rows: 2, columns: 2, draws: 3, seed: 1, stream: 4, round: 0, logits: x, stats, samples });
    const drawn = [...(await backend.readIndices(samples))];
    expect(drawn.slice(3)).toEqual([2, 2, 2]);
    expect(drawn.slice(0, 3).every((token) => token < 2)).toBe(true);
  });
});

test('both engines draw the same tokens, but where a uniform number lies within rounding of a boundary', async () => {
  const draws = 200_000;
  const [cpu, gpu] = [await sample(get('cpu'), logits, draws), await sample(get('webgpu'), logits, draws)];
  const different = cpu.reduce((count, token, i) => count + (token === gpu[i] ? 0 : 1), 0);
  // Each of 9 boundaries is off by at most 9 roundoffs of the running sum, 9 · 2^-24; 10 such misses are expected at most in 200 000.
  expect(different).toBeLessThan(40);
});
