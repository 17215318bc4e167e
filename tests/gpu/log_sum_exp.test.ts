import { expect, test } from 'vitest';
import { chainOf, describeBackends, wishesFor } from './backends.ts';
import { awkwardRows, referenceRow, rowNames } from './rows.ts';
import { expectWithin } from './tolerance.ts';

describeBackends('log_sum_exp', (backend, under) => {
  test.each([1, 6, 16, 63, 255, 256, 2050, 4096, 4099, 16384])(
    'stats of counted rows of %i columns; masked rows stay as they were',
    async (columns) => {
      const logits = awkwardRows(columns);
      const rows = rowNames.length;
      const masked = (row: number) => row % 4 === 2;
      for (const wish of wishesFor(under, columns)) {
        const x = backend().upload(logits);
        const mask = backend().upload(Uint32Array.from({ length: rows }, (_, row) => (masked(row) ? 0 : 1)));
        const stats = backend().upload(new Float32Array(2 * rows).fill(7));
        backend().logSumExp({ rows, columns, logits: x, mask, stats, ...wish });
        const actual = await backend().read(stats);
        const chain = chainOf(under, rows, columns, wish);
        for (const [row, name] of rowNames.entries()) {
          const what = `${name}, ${columns} columns, ${wish.strategy ?? 'its own choice'}`;
          const { peak, logTotal, logTotalBound } = referenceRow(
            logits.subarray(row * columns, (row + 1) * columns),
            under.roundoff,
            chain,
          );
          const expected = masked(row) ? [7, 7] : [peak, logTotal];
          // The peak is one of the logits, so it is exact, but for denormal numbers, which may be flushed.
          const bounds = [2 ** -126, logTotalBound];
          expectWithin(actual.subarray(2 * row, 2 * row + 2), expected, (i) => bounds[i] as number, what);
        }
        for (const storage of [x, mask, stats]) storage.dispose();
      }
      expect(rowNames.filter((_, row) => masked(row)).length).toBeGreaterThan(3);
    },
  );
});
