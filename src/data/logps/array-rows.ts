import type { NamedArray } from '../open/arrays.ts';
import { DataFileError } from '../read-records.ts';
import type { RowSource } from '../rows/row-source.ts';
import { logpColumns, meaningOf } from './logp-columns.ts';

/** One number a pair, or a list of each token's. */
type Cell = (row: number) => unknown;

const isHidden = (shape: readonly number[]): boolean => shape.length > 2 || (shape.length === 2 && (shape[1] ?? 0) > 4096);

/** The tokens of a row: those that its mask keeps; without one, what pads it behind its end is 0 or NaN. */
function tokensOf(values: Float64Array, mask: Float64Array | null, row: number, width: number): number[] {
  const tokens = [...values.subarray(row * width, (row + 1) * width)];
  if (mask) return tokens.filter((_, i) => mask[row * width + i] !== 0);
  while (tokens.length > 1 && (tokens.at(-1) === 0 || Number.isNaN(tokens.at(-1)))) tokens.pop();
  return tokens;
}

/** The mask of a side's tokens, of the same shape. */
const maskOf = (arrays: readonly NamedArray[], { name, shape }: NamedArray): NamedArray | undefined =>
  arrays.find(
    (other) =>
      /mask/i.test(other.name) &&
      other.shape.join() === shape.join() &&
      /chosen|_w\b/i.test(other.name) === (meaningOf(name)?.column.endsWith('chosen_logp') ?? false),
  );

async function cellOf({ name, shape, read }: NamedArray, mask: NamedArray | undefined): Promise<{ rows: number; cell: Cell }> {
  const [rows = 1, width = 1] = shape;
  if (isHidden(shape))
    throw new DataFileError(`The array “${name}” has shape (${shape.join(', ')}): log-probs are [pairs], or [pairs, tokens].`);
  const values = await read();
  const kept = mask ? await mask.read() : null;
  return { rows, cell: shape.length === 2 && width > 1 ? (row) => tokensOf(values, kept, row, width) : (row) => values[row] };
}

/**
 * Arrays of log-probs as rows: named as columns are, [pairs] or [pairs, tokens]; or one without a name, [pairs, 2 or 4], in the order of
 * `logpColumns`. null where they are no log-probs.
 */
export async function arrayRows(arrays: readonly NamedArray[]): Promise<RowSource | null> {
  const named = arrays.filter(({ name }) => meaningOf(name) !== null);
  const cells = new Map<string, Cell>();
  let rows = 0;
  const [only] = arrays;
  if (named.length > 0) {
    for (const array of named) {
      const { rows: count, cell } = await cellOf(array, maskOf(arrays, array));
      if (cells.size > 0 && count !== rows)
        throw new DataFileError(`The arrays are of different lengths: “${array.name}” has ${count} rows, others ${rows}.`);
      rows = count;
      cells.set(array.name, cell);
    }
  } else if (only && arrays.length === 1 && only.shape.length === 2 && (only.shape[1] === 2 || only.shape[1] === 4)) {
    const width = only.shape[1];
    const values = await only.read();
    if (values.length === 0 || !values.every((value) => !(value > 0))) return null;
    rows = only.shape[0] ?? 0;
    for (const [i, column] of logpColumns.slice(0, width).entries()) cells.set(column, (row) => values[row * width + i]);
  } else return null;
  return {
    syntax: 'arrays',
    unit: 'row',
    columns: [...cells.keys()],
    decimalComma: false,
    notes:
      arrays.length > named.length && named.length > 0
        ? [
            {
              kind: 'ignored-columns',
              text: `Not read: ${arrays
                .filter((array) => !named.includes(array))
                .slice(0, 12)
                .map(({ name }) => `“${name.slice(0, 60)}”`)
                .join(', ')}.`,
              count: arrays.length - named.length,
            },
          ]
        : [],
    async each(onRow) {
      for (let row = 0; row < rows; row++)
        if (onRow({ line: row + 1, value: Object.fromEntries([...cells].map(([name, cell]) => [name, cell(row)])) }) === false) return;
    },
  };
}
