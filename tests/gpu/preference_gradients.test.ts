import { test } from 'vitest';
import { describeBackends } from './backends.ts';
import { smallestNormal } from './rows.ts';
import { makeSequences, referenceGradients, type Sequences, uploadSequences } from './sequences.ts';
import { expectWithin } from './tolerance.ts';

describeBackends('preference_gradients', (backend, under) => {
  const run = async (batch: Sequences, slopes: Float32Array, side: 'chosen' | 'rejected') => {
    const uploaded = uploadSequences(backend(), batch);
    const slopeStorage = backend().upload(slopes);
    const gradient = backend().upload(new Float32Array(batch.logits.length).fill(7));
    backend().preferenceGradients({ ...uploaded.task, side, slopes: slopeStorage, gradient });
    const result = await backend().read(gradient);
    uploaded.dispose();
    slopeStorage.dispose();
    gradient.dispose();
    return result;
  };

  test.each([
    [1, 1, 1],
    [3, 4, 2],
    [70, 3, 8],
    [5, 7, 37],
    [4, 5, 64],
    [3, 11, 515],
    [2, 2, 32768],
    [1, 3, 50257],
  ])('both sides of %i pairs of %i positions over %i tokens', async (sequences, positions, columns) => {
    const batch = makeSequences(sequences, positions, columns, sequences * columns);
    const slopes = Float32Array.from({ length: 2 * sequences }, (_, i) => (i % 2 ? -0.3 : 0.7) / (1 + i));
    for (const [side, name] of [
      [0, 'chosen'],
      [1, 'rejected'],
    ] as const) {
      const { expected, bounds } = referenceGradients(batch, slopes, side, under);
      expectWithin(await run(batch, slopes, name), expected, (i) => bounds[i] as number, name);
    }
  });

  test('an undefined slope or row gives NaN, where it is counted', async () => {
    const batch = makeSequences(3, 4, 21, 6);
    const slopes = Float32Array.from([0.5, Number.NaN, 0.25, 1, 1, 1]);
    const { expected, bounds } = referenceGradients(batch, slopes, 0, under);
    for (let row = 4; row < 8; row++) if (batch.mask[row]) expected.fill(Number.NaN, row * 21, (row + 1) * 21);
    batch.logits[5] = Number.POSITIVE_INFINITY; // in row 0, which counts
    expected.fill(Number.NaN, 0, 21);
    expectWithin(await run(batch, slopes, 'chosen'), expected, (i) => bounds[i] as number);
  });

  test('tokens that cannot occur have no gradient', async () => {
    const batch = makeSequences(1, 1, 40, 7);
    batch.tokens[0] = 3;
    for (let v = 4; v < 40; v += 2) batch.logits[v] = Number.NEGATIVE_INFINITY;
    const slopes = Float32Array.from([1, 1]);
    const { expected, bounds } = referenceGradients(batch, slopes, 0, under);
    expectWithin(await run(batch, slopes, 'chosen'), expected, (i) => bounds[i] as number);
  });

  // With stats (0, 0) and slope -1 the gradient is e^x, and e^x - 1 at the token: the elementary functions by themselves, which are
  // to be within 2 and 3 ULP (4u and 6u); below the smallest normal number they may be flushed.
  test('the exponential is within 2 ULP, and its difference from 1 within 3', async () => {
    const rows = 16;
    const columns = 4096;
    const logits = Float32Array.from({ length: rows * columns }, (_, i) => -(2 ** ((i / (rows * columns)) * 31 - 24)));
    logits[0] = 0;
    logits[rows * columns - 1] = Number.NEGATIVE_INFINITY;
    const tokens = Uint32Array.from({ length: rows }, (_, row) => (row * 271 + 5) % columns);
    const storages = {
      logits: backend().upload(logits),
      tokens: backend().upload(tokens),
      mask: backend().upload(new Uint32Array(rows).fill(1)),
      stats: backend().upload(new Float32Array(2 * rows)),
      slopes: backend().upload(new Float32Array(2 * rows).fill(-1)),
      gradient: backend().allocate('float', rows * columns),
    };
    backend().preferenceGradients({ sequences: rows, positions: 1, columns, side: 'chosen', ...storages });
    const actual = await backend().read(storages.gradient);
    const isToken = (i: number) => i % columns === tokens[Math.floor(i / columns)];
    const expected = Float64Array.from(logits, (x, i) => (isToken(i) ? Math.expm1(x) : Math.exp(x)));
    const bound = (i: number) => (isToken(i) ? 6 : 4) * under.roundoff * Math.abs(expected[i] as number) + smallestNormal;
    expectWithin(actual, expected, bound);
    for (const storage of Object.values(storages)) storage.dispose();
  });
});
