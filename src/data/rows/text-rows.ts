import type { Encoding } from '../open/encoding.ts';
import { MAX_LINE_LENGTH, type ReadOptions, readRecords, TOO_LONG } from '../read-records.ts';
import { csvHeader, csvSource } from './csv-rows.ts';
import { isRecord, looseValue } from './loose-json.ts';
import type { Row, RowSource } from './row-source.ts';
import { looksLikeArray, type RecordSplitter, splitArray, type TextRecord } from './split-records.ts';
import { objectEnd, splitValues } from './split-values.ts';
import { rowsInBeginning, rowsOfDocument, unwrapRow } from './unwrap.ts';

/** Bytes of a text that are looked at before it is read; a document that is no longer is parsed whole. */
const HEAD_BYTES = 1 << 21;

export const NOT_JSON = 'not valid JSON';

/** A record's value, or what is wrong with it. */
function rowOf({ line, element, text }: TextRecord, hasText: boolean): Row {
  const place = element === undefined ? { line } : { line, element };
  if (text === null) return { ...place, value: null, problem: TOO_LONG };
  let value = looseValue(text);
  if (typeof value === 'string' && value.trimStart().startsWith('{')) value = looseValue(value);
  if (value === undefined) {
    const cut = text.startsWith('{') && objectEnd(text, 0) < 0 ? ', it does not end' : '';
    return { ...place, value: null, problem: `${NOT_JSON}${cut}`, ...(hasText && !text.includes('{') ? { isText: true } : {}) };
  }
  if (!isRecord(value)) return { ...place, value: null, problem: 'not a JSON object' };
  const row = unwrapRow(value);
  if (typeof row === 'string') return { ...place, value: null, problem: row };
  return { ...place, value: row };
}

interface Shape {
  readonly syntax: string;
  readonly splitter: () => RecordSplitter;
  /** of the text, what stands before is skipped; the line on which the rest begins */
  readonly from?: number;
  readonly line?: number;
  readonly hasText?: boolean;
}

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
        (record) => onRow(rowOf({ ...record, line: record.line + line - 1 }, hasText)),
        options,
      ),
  };
}

/** The rows of a document that was parsed whole. */
function documentSource(rows: readonly Record<string, unknown>[], syntax: string, bytes: number): RowSource {
  return {
    syntax,
    unit: 'row',
    columns: null,
    decimalComma: false,
    notes: [],
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

/** A line of a console with a Python dict in it, or JSON behind something else. */
const HAS_OBJECT = /\{\s*["'][^"'\n]{1,80}["']\s*:/;

/**
 * The rows of a text: a JSON array, a document that holds rows, objects one after the other (JSONL, printed over several lines, or as Python
 * prints dicts among other text), or a table with a header. null where it is none of these.
 */
export async function textRows(blob: Blob, encoding: Encoding): Promise<RowSource | null> {
  const bytes = await blob.slice(0, HEAD_BYTES).arrayBuffer();
  const isWhole = blob.size <= HEAD_BYTES;
  const head = new TextDecoder(encoding.charset).decode(bytes, { stream: !isWhole });
  if (looksLikeArray(head)) return sourceOf(blob, encoding, { syntax: 'JSON array', splitter: () => splitArray(MAX_LINE_LENGTH) });
  const begin = head.search(/\S/);
  if (head[begin] === '{') {
    const end = objectEnd(head, begin);
    const isAlone = end >= 0 && isWhole && head.slice(end).trim() === '';
    const value = isAlone ? looseValue(head.slice(begin, end)) : undefined;
    const inner = isRecord(value) ? rowsOfDocument(value) : null;
    if (inner) return documentSource(inner.rows, inner.key === null ? 'JSON columns' : `JSON, "${inner.key}"`, blob.size);
    // Too long to be parsed whole, cut off, or broken in one place: what is whole of its list is read.
    const found = end < 0 || (isAlone && value === undefined) ? rowsInBeginning(head) : null;
    const splitter = () => splitArray(MAX_LINE_LENGTH, true);
    if (found) return sourceOf(blob, encoding, { syntax: `JSON, "${found.key}"`, splitter, from: found.from, line: found.line });
    return sourceOf(blob, encoding, { syntax: jsonSyntax(head, begin, end), splitter: () => splitValues(MAX_LINE_LENGTH), hasText: true });
  }
  const header = csvHeader(head);
  if (header) return csvSource(blob, encoding, header);
  if (/^\s*"\{/.test(head) || HAS_OBJECT.test(head))
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
