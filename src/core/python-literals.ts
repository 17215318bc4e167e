/** Numbers, texts and lists as Python writes them. */

const lineWidth = 120;

export const number = (value: number): string => {
  if (Number.isNaN(value)) return 'nan';
  return Number.isFinite(value) ? String(value) : value > 0 ? 'inf' : '-inf';
};
export const text = (value: string): string => JSON.stringify(value);

/** Items in brackets, as many a line as fit. */
export function list(items: readonly string[], [open, close]: readonly [string, string] = ['[', ']']): string {
  const lines = [''];
  for (const item of items) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? item : `${line}, ${item}`;
    if (line === '' || (longer.length <= lineWidth && !longer.includes('\n'))) lines[lines.length - 1] = longer;
    else lines.push(item);
  }
  if (lines.length === 1 && !lines[0]?.includes('\n')) return `${open}${lines[0]}${close}`;
  return [open, ...lines.map((line) => `    ${line.replaceAll('\n', '\n    ')},`), close].join('\n');
}
/** A list of numbers. */
export const numbers = (values: Iterable<number>): string => list(Array.from(values, number));
/** A list of rows of numbers. */
export const matrix = (values: Float64Array, columns: number): string =>
  list(Array.from({ length: values.length / columns }, (_, row) => numbers(values.subarray(row * columns, (row + 1) * columns))));
/** A tuple of whole numbers. */
export const tuple = (items: readonly number[]): string => `(${items.join(', ')}${items.length === 1 ? ',' : ''})`;
