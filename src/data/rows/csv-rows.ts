import { metricsOf } from '../logs/metric-line.ts';
import type { Encoding } from '../open/encoding.ts';
import { MAX_LINE_LENGTH, readRecords, TOO_LONG } from '../read-records.ts';
import type { Note, Row, RowSource } from './row-source.ts';
import { csvFields, type Separator, separatorOf, splitCsvRows } from './split-csv.ts';

export interface CsvHeader {
  readonly names: readonly string[];
  readonly separator: Separator;
  /** line on which it stands, from 1 */
  readonly line: number;
}

/** Names that a column of such a table has, and a sentence hardly. */
const KNOWN =
  /chosen|rejected|prompt|logp|loss|(^|[/_ ])step$|reward|instruction|completion|^label$|epoch|response|(^|[/_ ])kl\b|question|wall time/i;
export const isKnownName = (name: string): boolean => name.length <= 80 && KNOWN.test(name);
const isNumber = (field: string): boolean => field !== '' && /^[-+]?[\d.,]+(e[-+]?\d+)?$/i.test(field);

/** The header of a table in a text's beginning; null where it is no table. */
export function csvHeader(head: string): CsvHeader | null {
  const splitter = splitCsvRows(MAX_LINE_LENGTH);
  const rows = [...splitter.push(head.slice(0, 200_000)), ...(head.length <= 200_000 ? splitter.end() : [])];
  const start = rows.findIndex(({ text }) => text !== null && !/^\s*#/.test(text) && !/^sep=.$/.test(text.trim()));
  const { text, line } = rows[start] ?? {};
  if (text === undefined || text === null || line === undefined || text.length > 20_000) return null;
  const separator = separatorOf(text);
  const fields = csvFields(text, separator);
  if (!fields || fields.some((name) => /\{\s*["']|OrderedDict\(/.test(name) || name.length > 200)) return null;
  if (metricsOf(text) !== null) return null; // a line of a console
  const known = fields.filter(isKnownName).length;
  const named = fields.filter((name) => name !== '' && !isNumber(name)).length;
  if (named < fields.length / 2 || (fields.length === 1 && !(known === 1 && /^[\w/.-]+$/.test(text)))) return null;
  const next = rows.slice(start + 1, start + 20);
  const fits = next.filter((row) => row.text !== null && csvFields(row.text, separator)?.length === fields.length).length;
  const isTable = known > 0 ? fits > 0 || next.length === 0 || known > 1 : fits > next.length / 2 && fits > 0;
  if (!isTable) return null;
  const seen = new Map<string, number>();
  const names = fields.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
  return { names, separator, line };
}

const separatorWord: Readonly<Record<Separator, string>> = { ',': 'CSV', ';': 'CSV with semicolons', '\t': 'TSV', '|': 'table with bars' };

/** The rows of a table. */
export function csvSource(blob: Blob, encoding: Encoding, { names, separator, line: headerLine }: CsvHeader): RowSource {
  const rowOf = (line: number, text: string | null): Row => {
    if (text === null) return { line, value: null, problem: TOO_LONG };
    const fields = csvFields(text, separator);
    if (!fields) return { line, value: null, problem: 'its quotes do not close, or stand inside a field' };
    if (fields.length !== names.length)
      return { line, value: null, problem: `has ${fields.length} fields where the header has ${names.length}` };
    return { line, value: Object.fromEntries(names.map((name, i) => [name, fields[i]])) };
  };
  const notes: Note[] = [];
  return {
    syntax: separatorWord[separator],
    unit: 'line',
    columns: names,
    decimalComma: separator !== ',',
    notes,
    each: (onRow, options) =>
      readRecords(
        blob,
        encoding.charset,
        splitCsvRows(MAX_LINE_LENGTH),
        ({ line, text }) => (line <= headerLine || text?.startsWith('#') ? undefined : onRow(rowOf(line, text))),
        options,
      ),
  };
}

/** The number of a field; NaN where it is written as such, undefined where there is none, null where it is no number. */
export function numberOf(value: unknown, decimalComma: boolean): number | undefined | null {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string') return null;
  let text = value.trim().replace(/^−/, '-');
  if (text === '' || text === 'None' || text === 'null' || text === 'N/A' || text === '-') return undefined;
  if (/^[-+]?nan$/i.test(text)) return Number.NaN;
  const infinite = /^([-+]?)inf(?:inity)?$/i.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (decimalComma && /^[-+]?\d{1,3}(\.\d{3})*,\d+(e[-+]?\d+)?$|^[-+]?\d+,\d+(e[-+]?\d+)?$/i.test(text))
    text = text.replaceAll('.', '').replace(',', '.');
  else if (/^[-+]?\d+,(?!\d{3}$)\d+$/.test(text)) text = text.replace(',', '.'); // quoted, in a table with commas
  const wrapped = /^(?:tensor|np\.float\d+)\(([^,()]+)[^()]*\)$/.exec(text);
  if (wrapped) text = wrapped[1] ?? '';
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return null;
  return Number(text);
}
