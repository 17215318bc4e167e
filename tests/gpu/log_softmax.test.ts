import { expect, test } from 'vitest';
import type { RowWish } from '../../src/backend/backend.ts';
import { chainOf, describeBackends, wishesFor } from './backends.ts';
import { awkwardRows, normalRows, referenceLogProb, referenceRow, rowNames } from './rows.ts';
import { expectWithin } from './tolerance.ts';

const named = (wish: RowWish) => wish.strategy ?? 'its own choice';

/** Compares every row with float64; the bound is derived in rows.ts. */
function expectLogSoftmax(actual: ArrayLike<number>, logits: Float32Array, columns: number, roundoff: number, chain: number, what: string) {
  const expected = new Float64Array(logits.length);
  const bounds = new Float64Array(logits.length);
  for (let row = 0; row < logits.length / columns; row++) {
    const first = row * columns;
    const reference = referenceRow(logits.subarray(first, first + columns), roundoff, chain);
    for (let v = first; v < first + columns; v++)
      [expected[v], bounds[v]] = referenceLogProb(logits[v] as number, reference, roundoff) as [number, number];
  }
  expectWithin(actual, expected, (i) => bounds[i] as number, what);
}

describeBackends('log_softmax', (backend, under) => {
  const run = async (logits: Float32Array, columns: number, wish: RowWish) => {
    const x = backend().upload(logits);
    const y = backend().allocate('float', logits.length, 'undefined');
    backend().logSoftmax({ rows: logits.length / columns, columns, logits: x, logProbs: y, ...wish });
    const result = await backend().read(y);
    x.dispose();
    y.dispose();
    return result;
  };

  // One column, fewer than a quad, each remainder of a quad, around 16 and 64 (held rows), around a workgroup's 512, around rows of which
  // each lane of a workgroup keeps two quads, eight, and, of a larger one, nine.
  const widths = [1, 2, 3, 4, 5, 8, 15, 16, 17, 63, 64, 65, 128, 255, 510, 512, 515, 1023, 1024, 2048, 4095, 4096, 4097, 8191];
  test.each(widths)('awkward rows of %i columns', async (columns) => {
    const logits = awkwardRows(columns);
    for (const wish of wishesFor(under, columns)) {
      const chain = chainOf(under, rowNames.length, columns, wish);
      expectLogSoftmax(await run(logits, columns, wish), logits, columns, under.roundoff, chain, `${columns} columns, ${named(wish)}`);
    }
  });

  test.each([
    [3, 131072],
    [2, 131071],
    [5, 50257],
    [300, 1000],
    // The longest that a workgroup holds, and one more.
    [3, 16383],
    [2, 16384],
    [2, 16385],
  ])('%i random rows of %i columns', async (rows, columns) => {
    const logits = normalRows(rows, columns, rows);
    for (const wish of wishesFor(under, columns)) {
      const chain = chainOf(under, rows, columns, wish);
      expectLogSoftmax(await run(logits, columns, wish), logits, columns, under.roundoff, chain, named(wish));
    }
  });

  // A row of one column has the log-prob 0, and NaN where its logit is NaN. The output starts with neither.
  test('millions of rows, more than one direction of a dispatch grid holds', async () => {
    const rows = 65535 * 64 + 100;
    const logits = Float32Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? Number.NaN : row));
    const x = backend().upload(logits);
    const y = backend().upload(new Float32Array(rows).fill(7));
    backend().logSoftmax({ rows, columns: 1, logits: x, logProbs: y });
    const result = await backend().read(y);
    expect(result.findIndex((value, row) => !Object.is(Math.abs(value), row % 3 === 0 ? Number.NaN : 0))).toBe(-1);
    x.dispose();
    y.dispose();
  });
});
