import { expect, test } from 'vitest';
import type { FurtherKernels, RowWish } from '../../src/backend/backend.ts';
import { chainOf, describeBackends, wishesFor } from './backends.ts';
import { awkwardRows, referenceRow, rowNames, smallestNormal } from './rows.ts';
import { makeSequences, referenceGradients, type Sequences } from './sequences.ts';
import { expectWithin } from './tolerance.ts';

describeBackends('row_gradients', (backend, under) => {
  const run = async (batch: Sequences, slopes: Float32Array, side: 'chosen' | 'rejected', wish: RowWish) => {
    const { sequences, positions, columns, logits, tokens, mask } = batch;
    const { rowGradients }: FurtherKernels = await backend().further();
    const storages = {
      logits: backend().upload(logits),
      tokens: backend().upload(tokens),
      mask: backend().upload(mask),
      slopes: backend().upload(slopes),
      stats: backend().upload(new Float32Array(2 * sequences * positions).fill(7)),
      gradient: backend().upload(new Float32Array(logits.length).fill(7)),
    };
    rowGradients({ sequences, positions, columns, side, ...storages, ...wish });
    const results = { stats: await backend().read(storages.stats), gradient: await backend().read(storages.gradient) };
    for (const storage of Object.values(storages)) storage.dispose();
    return results;
  };

  /** Stats and gradients by each strategy, of one side or the other by turns; stats of rows that are not counted stay as they were. */
  const expectRight = async (batch: Sequences, slopes: Float32Array, what: string) => {
    const { sequences, positions, columns, logits, mask } = batch;
    const rows = sequences * positions;
    for (const [turn, wish] of wishesFor(under, columns).entries()) {
      const chain = chainOf(under, rows, columns, wish);
      const references = Array.from({ length: rows }, (_, row) =>
        referenceRow(logits.subarray(row * columns, (row + 1) * columns), under.roundoff, chain),
      );
      const stats = references.flatMap(({ peak, logTotal }, row) => (mask[row] ? [peak, logTotal] : [7, 7]));
      // The peak is one of the logits, so it is exact, but for denormal numbers, which may be flushed.
      const statsBound = (i: number) => (i % 2 === 0 ? smallestNormal : (references[(i - 1) / 2]?.logTotalBound ?? 0));
      const index = (turn + columns) % 2;
      const side = index === 0 ? 'chosen' : 'rejected';
      const named = `${what}, ${side}, ${wish.strategy ?? 'its own choice'}`;
      const { expected, bounds } = referenceGradients(batch, slopes, index, under, wish);
      const actual = await run(batch, slopes, side, wish);
      expectWithin(actual.stats, stats, statsBound, `${named}, stats`);
      expectWithin(actual.gradient, expected, (i) => bounds[i] as number, `${named}, gradient`);
    }
  };

  const slopesOf = (sequences: number) => Float32Array.from({ length: 2 * sequences }, (_, i) => (i % 2 ? -0.3 : 0.7) / (1 + i));

  // As in log_softmax.test.ts: one column, each remainder of a quad, around the rows that an invocation and that workgroups hold.
  test.each([
    [1, 1, 1],
    [5, 7, 3],
    [35, 2, 8],
    [5, 3, 17],
    [4, 2, 63],
    [2, 3, 64],
    [3, 2, 65],
    [3, 2, 128],
    [1, 4, 515],
    [2, 2, 2048],
    [1, 3, 4096],
    [1, 2, 4097],
    [1, 3, 16383],
    [2, 1, 16384],
    [1, 2, 16385],
    [1, 3, 50257],
  ])('%i sequences of %i positions over %i tokens', async (sequences, positions, columns) => {
    const batch = makeSequences(sequences, positions, columns, sequences * columns);
    await expectRight(batch, slopesOf(sequences), `${columns} columns`);
  });

  test.each([1, 6, 64, 2050, 16384])('awkward rows of %i columns', async (columns) => {
    const sequences = rowNames.length;
    const batch = {
      ...{ sequences, positions: 1, columns, logits: awkwardRows(columns) },
      tokens: Uint32Array.from({ length: sequences }, (_, row) => (row * 271 + 5) % columns),
      mask: Uint32Array.from({ length: sequences }, (_, row) => (row % 4 === 2 ? 0 : 1)),
    };
    await expectRight(batch, new Float32Array(2 * sequences).fill(1), `awkward rows of ${columns}`);
  });

  test('an undefined slope gives NaN in its own sequence, where it is counted', async () => {
    const batch = makeSequences(3, 4, 21, 6);
    const slopes = Float32Array.from([0.5, Number.NaN, 0.25, 1, 1, 1]);
    const lost = (i: number) => Math.floor(i / (4 * 21)) === 1 && batch.mask[Math.floor(i / 21)] === 1;
    for (const wish of wishesFor(under, 21)) {
      const { stats, gradient } = await run(batch, slopes, 'chosen', wish);
      expect(Array.from(gradient).flatMap((x, i) => (Number.isNaN(x) === lost(i) ? [] : [i]))).toEqual([]);
      expect(Array.from(stats).every(Number.isFinite)).toBe(true);
    }
  });
});
