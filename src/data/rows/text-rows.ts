import { meaningOf } from '../logps/logp-columns.ts';
import { blockSource, hasBlocks } from '../logs/metric-blocks.ts';
import { barStep, metricsOf } from '../logs/metric-line.ts';
import type { Encoding } from '../open/encoding.ts';
import { rawPair } from '../pairs/shapes.ts';
import { MAX_LINE_LENGTH, type ReadOptions, readRecords, TOO_LONG } from '../read-records.ts';
import { withoutAnsi } from './ansi.ts';
import { columnTable, drawnSource, markdownTable, metricFile } from './column-rows.ts';
import { csvHeader, csvSource } from './csv-rows.ts';
import { isRecord, looseValue } from './loose-json.ts';
import type { Note, Row, RowSource } from './row-source.ts';
import { looksLikeArray, type RecordSplitter, splitArray, type TextRecord } from './split-records.ts';
import { objectEnd, splitValues } from './split-values.ts';
import { rowsInBeginning, rowsOfDocument, unwrapRow } from './unwrap.ts';

/** Bytes of a text that are looked at before it is read; a document that is no longer is parsed whole. */
const HEAD_BYTES = 1 << 21;

export const NOT_JSON = 'not valid JSON';

/** A record's value, or what is wrong with it. */
function rowOf({ line, element, text, before }: TextRecord, hasText: boolean): Row {
  const place = element === undefined ? { line } : { line, element };
  if (text === null) return { ...place, value: null, problem: TOO_LONG };
  let value = looseValue(text);
  if (typeof value === 'string' && value.trimStart().startsWith('{')) value = looseValue(value);
  if (value === undefined && hasText) value = looseValue(/OrderedDict\(\[.*\]\)/s.exec(text)?.[0] ?? '');
  if (value === undefined) {
    const metrics = hasText ? metricsOf(text) : null;
    if (metrics) return { ...place, value: metrics };
    const cut = text.startsWith('{') && objectEnd(text, 0) < 0 ? ', it does not end' : '';
    return { ...place, value: null, problem: `${NOT_JSON}${cut}`, ...(hasText && !text.includes('{') ? { isText: true } : {}) };
  }
  if (!isRecord(value)) return { ...place, value: null, problem: 'not a JSON object' };
  const row = unwrapRow(value);
  if (typeof row === 'string') return { ...place, value: null, problem: row };
  const shown = before === undefined ? undefined : barStep(before);
  return { ...place, value: row, ...(shown === undefined ? {} : { shown }) };
}

interface Shape {
  readonly syntax: string;
  readonly splitter: () => RecordSplitter;
  /** of the text, what stands before is skipped; the line on which the rest begins */
  readonly from?: number;
  readonly line?: number;
  readonly hasText?: boolean;
}

const COMMENT = /^(?:#|\/\/)/;

/** A splitter that is given the text from a place on. */
function skipping(count: number, splitter: RecordSplitter): RecordSplitter {
  let left = count;
  return {
    push(piece) {
      const skipped = Math.min(left, piece.length);
      left -= skipped;
      return splitter.push(piece.slice(skipped));
    },
    end: () => splitter.end(),
  };
}

function sourceOf(blob: Blob, encoding: Encoding, { syntax, splitter, from = 0, line = 1, hasText = false }: Shape): RowSource {
  return {
    syntax,
    unit: 'line',
    columns: null,
    decimalComma: false,
    notes: [],
    each: (onRow, options) =>
      readRecords(
        blob,
        encoding.charset,
        from > 0 ? skipping(from, splitter()) : splitter(),
        (record) =>
          hasText && record.text !== null && COMMENT.test(record.text) && metricsOf(record.text) === null
            ? undefined
            : onRow(rowOf({ ...record, line: record.line + line - 1 }, hasText)),
        options,
      ),
  };
}

/** The rows of a document that was parsed whole. */
function documentSource(
  rows: readonly Record<string, unknown>[],
  syntax: string,
  bytes: number,
  columns: readonly string[] | null = null,
  notes: readonly Note[] = [],
): RowSource {
  return {
    syntax,
    unit: 'row',
    columns,
    decimalComma: false,
    notes,
    async each(onRow, { signal, onProgress }: ReadOptions) {
      for (const [i, row] of rows.entries()) {
        const value = unwrapRow(row);
        const answer = onRow(typeof value === 'string' ? { line: i + 1, value: null, problem: value } : { line: i + 1, value });
        if (answer === false) return;
      }
      signal?.throwIfAborted();
      onProgress?.(bytes, bytes);
    },
  };
}

/** The numbers of a TensorBoard export in JSON: [wall time, step, value] each. */
function scalarsOf(head: string): Record<string, unknown>[] | null {
  if (!/^\s*\[\s*\[\s*[-+\d]/.test(head)) return null;
  const rows = looseValue(head);
  if (!Array.isArray(rows) || !rows.every((row) => Array.isArray(row) && row.length === 3)) return null;
  return rows.map(([time, step, value]: unknown[]) => ({ 'Wall time': time, Step: step, Value: value }));
}

/** Rows of cells in JSON, of which the first names the columns. */
function headedRows(head: string): Record<string, unknown>[] | null {
  if (!/^\s*\[\s*\[\s*"/.test(head)) return null;
  const rows = looseValue(head);
  if (!Array.isArray(rows) || rows.length < 2 || !rows.every(Array.isArray)) return null;
  const [names, ...cells] = rows as unknown[][];
  if (!names?.every((name) => typeof name === 'string') || cells.some((row) => row.length !== names.length)) return null;
  return cells.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

/** A document is a record of its own where it holds a prompt and both answers. */
const isPair = (document: Record<string, unknown>): boolean => {
  const raw = rawPair(document);
  return typeof raw === 'object' && raw?.prompt !== undefined;
};

/** Or where it holds the log-probs of both answers, token by token: lists of numbers alone are columns of a table. */
function isTokens(document: Record<string, unknown>): boolean {
  const columns = new Set(Object.keys(document).map((name) => meaningOf(name)?.column));
  const isNumbers = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'number');
  return columns.has('chosen_logp') && columns.has('rejected_logp') && !Object.values(document).every(isNumbers);
}

/** A line of a console with metrics by name, and no dict. */
const hasMetrics = (head: string): boolean =>
  head
    .slice(0, 200_000)
    .split(/[\r\n]+/)
    .some((line) => metricsOf(line) !== null);

/** A line of a console with a Python dict in it, or JSON behind something else. */
const HAS_OBJECT = /\{\s*["'][^"'\n]{1,80}["']\s*:|\bOrderedDict\(\[\(/;

/**
 * The rows of a text: a JSON array, a document that holds rows, objects one after the other (JSONL, printed over several lines, or as Python
 * prints dicts among other text), or a table with a header. null where it is none of these.
 */
export async function textRows(blob: Blob, encoding: Encoding): Promise<RowSource | null> {
  const bytes = await blob.slice(0, HEAD_BYTES).arrayBuffer();
  const isWhole = blob.size <= HEAD_BYTES;
  const head = withoutAnsi(new TextDecoder(encoding.charset).decode(bytes, { stream: !isWhole }));
  const list = /^\s*(?:[A-Za-z_][\w.]*\s*=\s*)?(?=\[)/.exec(head)?.[0] ?? '';
  if (looksLikeArray(head.slice(list.length))) {
    const quotes = /^\[\s*\{\s*'/.test(head.slice(list.length)) ? `"'` : '"';
    return sourceOf(blob, encoding, {
      syntax: quotes === '"' ? 'JSON array' : 'list of Python dicts',
      splitter: () => splitArray(MAX_LINE_LENGTH, false, quotes),
      from: list.trim() === '' ? 0 : list.length,
      line: head.slice(0, list.length).split('\n').length,
    });
  }
  const scalars = isWhole ? scalarsOf(head) : null;
  if (scalars) return documentSource(scalars, 'JSON of TensorBoard', blob.size, ['Wall time', 'Step', 'Value']);
  const headed = isWhole ? headedRows(head) : null;
  if (headed) return documentSource(headed, 'JSON array of rows', blob.size, Object.keys(headed[0] ?? {}));
  const begin = head.search(/\S/);
  if (head[begin] === '{') {
    const end = objectEnd(head, begin);
    const isAlone = end >= 0 && isWhole && head.slice(end).trim() === '';
    const value = isAlone ? looseValue(head.slice(begin, end)) : undefined;
    const inner = isRecord(value) && !isTokens(value) ? rowsOfDocument(value, isPair(value)) : null;
    if (inner) {
      const syntax = inner.key === null ? 'JSON columns' : `JSON, "${inner.key}"`;
      const left = inner.others.slice(0, 8).map((name) => `“${name.slice(0, 60)}”`);
      const text = `Of its lists “${inner.key}” is read. Not read: ${left.join(', ')}.`;
      return documentSource(inner.rows, syntax, blob.size, null, left.length > 0 ? [{ kind: 'lists', text, count: left.length }] : []);
    }
    // Too long to be parsed whole, cut off, or broken in one place: what is whole of its list is read.
    const found = end < 0 || (isAlone && value === undefined) ? rowsInBeginning(head) : null;
    const splitter = () => splitArray(MAX_LINE_LENGTH, true);
    if (found) return sourceOf(blob, encoding, { syntax: `JSON, "${found.key}"`, splitter, from: found.from, line: found.line });
    return sourceOf(blob, encoding, { syntax: jsonSyntax(head, begin, end), splitter: () => splitValues(MAX_LINE_LENGTH), hasText: true });
  }
  // a table as old programs write it, with carriage returns alone
  if (!head.includes('\n') && head.trim().includes('\r') && isWhole && !HAS_OBJECT.test(head) && !hasMetrics(head))
    return textRows(new Blob([head.replaceAll('\r', '\n')]), { charset: 'utf-8', name: null, damaged: false });
  const drawn = markdownTable(head) ?? columnTable(head) ?? metricFile(head);
  if (drawn) return drawnSource(blob, encoding, drawn);
  if (!HAS_OBJECT.test(head) && !hasMetrics(head) && hasBlocks(head)) return blockSource(blob, encoding);
  const header = csvHeader(head);
  if (header) return csvSource(blob, encoding, header);
  if (/^\s*"\{/.test(head) || HAS_OBJECT.test(head) || hasMetrics(head))
    return sourceOf(blob, encoding, {
      syntax: 'lines of a console',
      splitter: () => splitValues(MAX_LINE_LENGTH),
      hasText: true,
    });
  return null;
}

function jsonSyntax(head: string, begin: number, end: number): string {
  if (/^\{\s*'/.test(head.slice(begin, begin + 100))) return 'lines of Python dicts';
  return end > 0 && head.slice(begin, end).includes('\n') ? 'JSON objects' : 'JSONL';
}
