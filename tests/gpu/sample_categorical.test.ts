import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createBackend } from '../../src/backend/create.ts';
import { philox4x32, toUniform } from '../../src/core/rng.ts';
import { statsOf } from './row-stats.ts';
import { normalRows } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { openTwins } from './twins.ts';

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
  const seeds = backend.upload(Uint32Array.of(20240601));
  sampleCategorical({ runs: 1, rows: 1, columns, draws, seeds, stream: 4, round, logits: x, stats, samples });
  const drawn = await backend.readIndices(samples);
  for (const storage of [x, mask, stats, samples, seeds]) storage.dispose();
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
    const seeds = backend.upload(Uint32Array.of(1));
    const task = { runs: 1, rows: 2, columns: 2, draws: 3, seeds, stream: 4, round: 0, logits: x, stats, samples };
    (await backend.further()).sampleCategorical(task);
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

const onBoth = openTwins();
const key = { seed: 5, stream: 4 };
const uniformAt = (index: number, round: number) =>
  toUniform(philox4x32([Math.floor(index / 4), round, 0, 0], [key.seed, key.stream])[index % 4] ?? 0);

/** Draws on both engines, from stats that are the same float32 numbers on both. */
async function draw(logits: Float32Array, columns: number, draws: number, round = 0) {
  const rows = logits.length / columns;
  const arrays = {
    ...{ logits, stats: statsOf(logits, columns), samples: new Uint32Array(rows * draws + 3).fill(77) },
    seeds: Uint32Array.of(key.seed),
  };
  const { gpu, cpu } = await onBoth(arrays, (kernels, storages) =>
    kernels.sampleCategorical({ runs: 1, rows, columns, draws, stream: key.stream, round, ...storages }),
  );
  expect(Array.from(gpu.samples).slice(rows * draws), 'past the end').toEqual([77, 77, 77]);
  return { stats: arrays.stats, gpu: Array.from(gpu.samples).slice(0, rows * draws), cpu: Array.from(cpu.samples).slice(0, rows * draws) };
}

/**
 * Every token is the one whose part of [0, 1) holds the uniform number, but where the number is so near to a boundary that float32 may
 * put it on the other side. A log-prob carries two roundings, e^x 2 ULP = 4u, and each sum one. Returns how many were that near.
 */
async function expectDraws(logits: Float32Array, columns: number, draws: number, round = 0): Promise<number> {
  const { stats, gpu, cpu } = await draw(logits, columns, draws, round);
  let undecided = 0;
  for (const [index, token] of gpu.entries()) {
    const row = Math.floor(index / draws);
    const u = uniformAt(index, round);
    let [below, error, near] = [0, 0, false];
    for (let v = 0; v < columns; v++) {
      const gap = (logits[row * columns + v] as number) - (stats[2 * row] as number);
      const p = Math.exp(gap - (stats[2 * row + 1] as number));
      below += p;
      if (p > 0) error += float32Roundoff * (p * (2 * Math.abs(gap) + Math.abs(stats[2 * row + 1] as number) + 4) + below);
      near ||= Math.abs(u - below) <= error;
    }
    if (near) undecided++;
    else if (token !== cpu[index]) expect.fail(`draw ${index} of row ${row}, u = ${u}: ${token}, not ${cpu[index]}`);
  }
  return undecided;
}

test.each([
  [1, 1, 1],
  [9, 1, 7],
  [7, 5, 3],
  [130, 11, 1],
  [33, 4, 65],
  [2, 300, 500],
])('%i rows of %i columns, %i draws of each: the tokens of the twin', async (rows, columns, draws) => {
  const logits = normalRows(rows, columns, rows + columns);
  if (columns > 4) for (let row = 0; row < rows; row++) logits[row * columns + (row % columns)] = Number.NEGATIVE_INFINITY;
  const undecided = await expectDraws(logits, columns, draws, 0xffffffff);
  expect(undecided).toBeLessThan(1 + 0.01 * rows * draws);
});

test('uniform numbers a few roundoffs off a boundary fall on their side of it', async () => {
  const rows = 1000;
  for (const distance of [-32, 32]) {
    const boundaries = Array.from({ length: rows }, (_, row) => uniformAt(row, 3) + distance * float32Roundoff);
    const logits = Float32Array.from(boundaries.flatMap((p) => [p > 0 && p < 1 ? Math.log(p) - Math.log1p(-p) : 0, 0]));
    expect(await expectDraws(logits, 2, 1, 3)).toBeLessThan(0.05 * rows);
    const { gpu } = await draw(logits, 2, 1, 3);
    const chosen = gpu.filter((token) => token === (distance > 0 ? 0 : 1)).length;
    expect(chosen).toBeGreaterThan(0.95 * rows);
  }
});

test.each([
  [3, 2, 5, 7],
  [9, 4, 3, 16],
  [70, 1, 4, 1],
])('%i runs of %i rows of %i columns, %i draws of each: each draws what it draws alone', async (runs, rows, columns, draws) => {
  const logits = normalRows(runs * rows, columns, 11);
  const stats = statsOf(logits, columns);
  const of = (from: number, count: number) => {
    const arrays = {
      logits: logits.slice(from * rows * columns, (from + count) * rows * columns),
      stats: stats.slice(2 * from * rows, 2 * (from + count) * rows),
      samples: new Uint32Array(count * rows * draws + 3).fill(77),
      seeds: Uint32Array.from({ length: count }, (_, run) => (from + run) * 0x9e3779b9),
    };
    return onBoth(arrays, (kernels, storages) =>
      kernels.sampleCategorical({ runs: count, rows, columns, draws, stream: 4, round: 2, ...storages }),
    );
  };
  const together = await of(0, runs);
  for (const kind of ['gpu', 'cpu'] as const) {
    const samples = Array.from(together[kind].samples);
    expect(samples.slice(runs * rows * draws)).toEqual([77, 77, 77]);
    for (let run = 0; run < runs; run += 1 + Math.floor(runs / 10)) {
      const alone = Array.from((await of(run, 1))[kind].samples).slice(0, rows * draws);
      expect(samples.slice(run * rows * draws, (run + 1) * rows * draws), `${kind}, run ${run}`).toEqual(alone);
    }
  }
});

// These rounds were searched for: the third word of their first block is below 256, or at least 2^32 - 256.
test.each([
  [2165401, 0],
  [2684079, 1 - 2 ** -24],
])('the ends of the unit interval: round %i draws %f, and a token that can occur', async (round, u) => {
  expect(uniformAt(2, round)).toBe(u);
  const few = Float32Array.from([Number.NEGATIVE_INFINITY, 1, 0, 0.5, Number.NEGATIVE_INFINITY]);
  expect((await draw(few, 5, 3, round)).gpu[2]).toBe(u === 0 ? 1 : 3);
  // rounding leaves the sum of many equal probabilities off 1, on either side
  for (const columns of [100, 1000, 1001, 3000]) {
    const many = new Float32Array(columns).fill(0.1);
    many[0] = Number.NEGATIVE_INFINITY;
    many[columns - 1] = Number.NEGATIVE_INFINITY;
    const token = (await draw(many, columns, 3, round)).gpu[2] ?? Number.NaN;
    // the last of n tokens may be missed by the n roundoffs of the sum
    expectWithin([token], [u === 0 ? 1 : columns - 2], () => (u === 0 ? 0 : Math.ceil(columns ** 2 * float32Roundoff)));
    expect(token).toBeLessThan(columns - 1);
  }
});
