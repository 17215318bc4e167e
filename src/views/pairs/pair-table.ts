/** One numeric column of a table of pairs. */
export interface PairColumn {
  readonly id: string;
  readonly label: string;
  /** what it is, in a sentence */
  readonly about: string;
  /** [n] */
  readonly values: ArrayLike<number>;
  readonly decimals: number;
  /** with a plus sign for a value above zero: a change */
  readonly signed?: boolean;
}

/** Rows that are sorted and kept for the table's pages: all of a million rows would take longer than a frame. */
export const MAX_SORTED = 1000;

/**
 * The first `MAX_SORTED` of the rows that `keep` admits, by a column; equal values by row, NaN last. `total` counts all that it admits.
 * Keeps a sorted list of the best so far, so that most rows cost one comparison.
 */
export function sortedRows(
  values: ArrayLike<number>,
  descending: boolean,
  keep: (row: number) => boolean = () => true,
): { rows: number[]; total: number } {
  const sign = descending ? -1 : 1;
  const keyOf = (row: number): number => {
    const key = sign * (values[row] ?? Number.NaN);
    return Number.isNaN(key) ? Number.POSITIVE_INFINITY : key;
  };
  let best: { row: number; key: number }[] = [];
  let total = 0;
  let worst = Number.POSITIVE_INFINITY;
  const settle = (): void => {
    best.sort((a, b) => a.key - b.key || a.row - b.row);
    best = best.slice(0, MAX_SORTED);
    if (best.length === MAX_SORTED) worst = best.at(-1)?.key ?? worst;
  };
  for (let row = 0; row < values.length; row++) {
    if (!keep(row)) continue;
    total++;
    const key = keyOf(row);
    if (best.length >= MAX_SORTED && key >= worst) continue;
    best.push({ row, key });
    if (best.length >= 2 * MAX_SORTED) settle();
  }
  settle();
  return { rows: best.map(({ row }) => row), total };
}

/** A table as CSV: numbers as they are, in the columns' order, after the label of each row. */
export function columnsCsv(labels: { readonly label: string; readonly values: ArrayLike<number> }, columns: readonly PairColumn[]): string {
  const head = [labels.label, ...columns.map(({ id }) => id)].join();
  const rows = Array.from({ length: labels.values.length }, (_, row) =>
    [labels.values[row], ...columns.map(({ values }) => values[row] ?? Number.NaN)].join(),
  );
  return `${[head, ...rows].join('\n')}\n`;
}
