import { metricsOf } from '../logs/metric-line.ts';
import { isRecord, looseValue } from './loose-json.ts';
import type { Note, RowSource } from './row-source.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Another way to read rows that are none of what is known as they stand. */
export interface Reshape {
  readonly of: (row: Fields) => Fields;
  readonly note?: Note;
}

/** A record within the record: its fields, beside the outer ones. */
const inner =
  (key: string): Reshape['of'] =>
  (row) => {
    const { [key]: value, ...rest } = row;
    return isRecord(value) ? { ...rest, ...value } : row;
  };

/** Names without what stands before their last dot. */
function afterDots(row: Fields): Fields {
  const names = Object.keys(row).map((name) => name.slice(name.lastIndexOf('.') + 1));
  return new Set(names).size === names.length ? Object.fromEntries(Object.values(row).map((value, i) => [names[i] ?? '', value])) : row;
}

/** A line of a log in a field of text, as Docker and JSON loggers write it. */
const said =
  (key: string): Reshape['of'] =>
  (row) => {
    const text = row[key];
    if (typeof text !== 'string') return row;
    const begin = text.indexOf('{');
    const value = begin < 0 ? undefined : looseValue(text.slice(begin, text.lastIndexOf('}') + 1));
    return isRecord(value) ? value : (metricsOf(text) ?? {});
  };

const METRIC = /^(?:tag|metric|metric_?name|key|name|variable)$/i;
const VALUE = /^(?:value|metric_?value|val)$/i;
const AT = /^(?:_?step|global_?step|iteration|epoch)$/i;

/** One number a row, which names its metric in another column. */
function long(columns: readonly string[]): Reshape | null {
  const [metric, value] = [columns.find((name) => METRIC.test(name)), columns.find((name) => VALUE.test(name))];
  const steps = columns.filter((name) => AT.test(name));
  const step = steps.find((name) => /step/i.test(name)) ?? steps[0];
  if (metric === undefined || value === undefined || step === undefined) return null;
  const run = columns.find((name) => /^run(?:[ _]?(?:id|name|uuid))?$/i.test(name));
  return {
    of: (row) => {
      const name = row[metric];
      if (typeof name !== 'string' || name === '') return row;
      const named = run === undefined ? name : `${String(row[run])} - ${name}`;
      return { step: row[step], [named]: row[value] };
    },
    note: { kind: 'long', text: `Each row has one number: “${metric}” names it, “${value}” is it.` },
  };
}

/** Ways to read rows of such columns, the likeliest first. */
export function reshapes(columns: readonly string[], first: Fields): Reshape[] {
  const records = Object.keys(first).filter((key) => isRecord(first[key]));
  const texts = Object.keys(first).filter((key) => /^(?:message|msg|log|text|line|textPayload)$/i.test(key));
  const table = long(columns);
  return [
    ...(table ? [table] : []),
    ...records.map((key) => ({
      of: inner(key),
      note: { kind: 'inner', text: `The rows are read from their field “${key.slice(0, 60)}”.` },
    })),
    ...(columns.some((name) => name.includes('.')) ? [{ of: afterDots }] : []),
    ...texts.map((key) => ({ of: said(key), note: { kind: 'inner', text: `The rows are read from the text of “${key}”.` } })),
  ];
}

/** The rows of a source, each read that other way. */
export const reshaped = (source: RowSource, { of, note }: Reshape): RowSource => ({
  ...source,
  columns: source.columns && Object.keys(of(Object.fromEntries(source.columns.map((name) => [name, null])))),
  notes: [...source.notes, ...(note ? [note] : [])],
  each: (onRow, options) => source.each((row) => onRow(row.value === null ? row : { ...row, value: of(row.value) }), options),
});
