import type { Exports } from '../../../shell/exports/export.ts';
import type { PairColumn } from '../pair-table.ts';
import type { OwnModel } from './own-model.svelte.ts';

interface Rows {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

/** Numbers of the reader's own model, a row a pair. Their link shows the view: the file stays with the reader. */
function ownExports(name: string, seen: string, rows: Rows, columns: readonly PairColumn[], more: object): Exports {
  const at = (values: ArrayLike<number>, row: number): number => values[row] ?? Number.NaN;
  return {
    name,
    seen,
    state: `${rows.values.length} pairs`,
    seed: null,
    engine: null,
    table: () => ({
      columns: [rows.label, ...columns.map(({ id }) => id)],
      rows: Array.from(rows.values, (value, row) => [value, ...columns.map(({ values }) => at(values, row))]),
    }),
    data: () => ({
      ...more,
      [rows.label]: Array.from(rows.values),
      columns: Object.fromEntries(columns.map(({ id, about, values }) => [id, { about, values: Array.from(values) }])),
    }),
    words: { csv: 'the numbers, pair by pair', json: 'the numbers and their sums' },
  };
}

export function logpsExports({ logps, beta, loss }: OwnModel, columns: readonly PairColumn[]): Exports {
  if (!logps.value) throw new Error('No log-probs are open.');
  const { name, lines, facts } = logps.value;
  const { margins: _, ...sums } = facts;
  return ownExports('own-logps', `Log-probs of ${name}.`, { label: 'line', values: lines }, columns, { ...sums, beta, meanDpoLoss: loss });
}

export function hiddenExports({ hidden, correlation }: OwnModel, columns: readonly PairColumn[]): Exports {
  if (!hidden.value) throw new Error('No hidden states are open.');
  const { name, ches, dimensions } = hidden.value;
  const rows = { label: 'pair', values: Array.from(ches, (_, row) => row + 1) };
  return ownExports('own-ches', `CHES of ${name}.`, rows, columns, { dimensions, rankCorrelation: correlation });
}
