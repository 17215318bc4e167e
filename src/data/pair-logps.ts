import type { LineProblem } from './read-preference-pair.ts';
import { DataFileError, MAX_LINE_LENGTH, ProblemList, type ReadOptions, readRecords, TOO_LONG } from './read-records.ts';
import { csvFields, type Separator, separatorOf, splitCsvRows } from './split-csv.ts';
import { looksLikeArray, splitArray, splitLines, type TextRecord } from './split-records.ts';

/** The columns of a file of log-probs, in nats, each summed over the tokens of a response. */
export const logpColumns = ['chosen_logp', 'rejected_logp', 'ref_chosen_logp', 'ref_rejected_logp'] as const;
export type LogpColumn = (typeof logpColumns)[number];

/** What else a column may be called: TRL's names of its metrics and of its precomputed reference columns, old and new. */
const aliases: Readonly<Record<LogpColumn, readonly string[]>> = {
  chosen_logp: ['chosen_logps', 'policy_chosen_logp', 'policy_chosen_logps', 'logps/chosen'],
  rejected_logp: ['rejected_logps', 'policy_rejected_logp', 'policy_rejected_logps', 'logps/rejected'],
  ref_chosen_logp: ['ref_chosen_logps', 'reference_chosen_logp', 'reference_chosen_logps', 'ref_logps/chosen'],
  ref_rejected_logp: ['ref_rejected_logps', 'reference_rejected_logp', 'reference_rejected_logps', 'ref_logps/rejected'],
};
const columnOf = new Map<string, LogpColumn>(logpColumns.flatMap((column) => [column, ...aliases[column]].map((name) => [name, column])));

/** Log-probs of pairs under the reader's own model, and under its reference where the file has them. */
export interface PairLogps {
  /** [n] line of the file, from 1 */
  lines: Float64Array;
  /** [n] place among the file's rows, from 0, those that cannot be used counted in */
  rows: Float64Array;
  /** rows of the file, those that cannot be used counted in */
  rowCount: number;
  /** [n] */
  chosen: Float64Array;
  /** [n] */
  rejected: Float64Array;
  /** [n] each; null where the file has none */
  reference: { chosen: Float64Array; rejected: Float64Array } | null;
  problems: LineProblem[];
  problemCount: number;
  /** rows of the file with numbers that can be used, kept or not */
  pairCount: number;
}

/** Rows kept: with what follows from them they take about 40 MB. The rest is checked and counted. */
export const MAX_LOGP_ROWS = 500_000;
/** A log-prob of a token is at most 0; sums in 16 bits round to a little above. */
const ROUNDING = 1e-3;

/** A column of numbers that grows. */
class Column {
  #values = new Float64Array(1024);
  #length = 0;

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  take(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}

const plural = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' and ');

/** Where the columns stand in a header, or what is wrong with it. */
function readHeader(names: readonly string[]): ReadonlyMap<LogpColumn, number> | string {
  const places = new Map<LogpColumn, number>();
  for (const [place, name] of names.entries()) {
    const column = columnOf.get(name.toLowerCase());
    if (column === undefined) continue;
    const other = places.get(column);
    if (other !== undefined) return `"${names[other]}" and "${name}" are both ${column}; keep one of them`;
    places.set(column, place);
  }
  const missing = (['chosen_logp', 'rejected_logp'] as const).filter((column) => !places.has(column));
  if (missing.length > 0) return `${plural(missing)} ${missing.length === 1 ? 'is' : 'are'} missing; the first row must name the columns`;
  const references = (['ref_chosen_logp', 'ref_rejected_logp'] as const).filter((column) => places.has(column));
  if (references.length === 1) return `${plural(references)} stands alone; give both reference columns, or neither`;
  return places;
}

/** The log-prob of a field, or what is wrong with it. */
function readLogp(column: LogpColumn, value: unknown): number | string {
  if (value === undefined || value === null || value === '') return `"${column}" is missing; every row needs it`;
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
  if (typeof value === 'object') return `"${column}" is a list or an object; write a finite number`;
  if (!Number.isFinite(number)) return `"${column}" is ${JSON.stringify(value)?.slice(0, 40)}; write a finite number`;
  if (number > ROUNDING) return `"${column}" is ${number}; a log-probability is at most 0`;
  return Math.min(0, number);
}

type Row = Partial<Record<LogpColumn, unknown>>;

/** The fields of one JSON object by column, or what is wrong with it. */
function readObject(text: string): Row | string {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return 'not valid JSON; write one object {"chosen_logp": …, "rejected_logp": …} on one line';
  }
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'not a JSON object';
  const row: Row = {};
  const names = new Map<LogpColumn, string>();
  for (const [name, value] of Object.entries(record)) {
    const column = columnOf.get(name.toLowerCase());
    if (column === undefined) continue;
    const other = names.get(column);
    if (other !== undefined) return `"${other}" and "${name}" are both ${column}; keep one of them`;
    names.set(column, name);
    row[column] = value;
  }
  return row;
}

/** Reads rows one way or the other: CSV with a header, or JSON objects. */
class RowReader {
  #header: { places: ReadonlyMap<LogpColumn, number>; width: number; separator: Separator } | null = null;
  readonly #isJson: boolean;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** null for the header */
  read(text: string): Row | string | null {
    if (this.#isJson) return readObject(text);
    if (!this.#header) {
      const separator = separatorOf(text);
      const names = csvFields(text, separator);
      const places = names ? readHeader(names) : 'its quotes do not close';
      if (typeof places === 'string' || !names) throw new DataFileError(`The header cannot be used: ${places}.`);
      this.#header = { places, width: names.length, separator };
      return null;
    }
    const { places, width, separator } = this.#header;
    const fields = csvFields(text, separator);
    if (!fields) return 'its quotes do not close, or stand inside a field';
    if (fields.length !== width) return `has ${fields.length} fields where the header has ${width}`;
    return Object.fromEntries([...places].map(([column, place]) => [column, fields[place]]));
  }
}

/**
 * Reads the log-probs of pairs from CSV (comma, semicolon or tab, with a header), JSONL, or one JSON array. A bad row becomes a problem
 * and the rest is kept. Reference columns: all rows have them, or none.
 *
 * @throws DataFileError where the file holds no usable row, or its header cannot be used
 */
export async function readPairLogps(file: Blob, options: ReadOptions = {}): Promise<PairLogps> {
  const list = new ProblemList();
  const lines = new Column();
  const rows = new Column();
  const kept = Object.fromEntries(logpColumns.map((column) => [column, new Column()])) as Record<LogpColumn, Column>;
  let pairCount = 0;
  let rowCount = 0;
  let reader: RowReader | undefined;
  let hasReference: boolean | undefined;

  const readRow = (record: TextRecord): void => {
    const row = record.text === null ? TOO_LONG : (reader?.read(record.text) ?? null);
    if (row === null) return;
    rowCount++;
    if (typeof row === 'string') {
      list.add(record, row);
      return;
    }
    const rowHasReference = row.ref_chosen_logp !== undefined || row.ref_rejected_logp !== undefined;
    const expected = hasReference ?? rowHasReference;
    if (rowHasReference && !expected) {
      list.add(record, 'has reference log-probs where the first row has none; give them on every row or on none');
      return;
    }
    const columns = expected ? logpColumns : logpColumns.slice(0, 2);
    const values = columns.map((column) => readLogp(column, row[column]));
    const problem = values.find((value) => typeof value === 'string');
    if (problem !== undefined) {
      list.add(record, String(problem));
      return;
    }
    hasReference = expected;
    pairCount++;
    if (pairCount > MAX_LOGP_ROWS) return;
    lines.push(record.line);
    rows.push(rowCount - 1);
    for (const [index, column] of columns.entries()) kept[column].push(Number(values[index]));
  };

  await readRecords(
    file,
    (head) => {
      const isArray = looksLikeArray(head);
      const isJson = isArray || /^[\s\uFEFF]*\{/.test(head);
      reader = new RowReader(isJson);
      return isArray ? splitArray(MAX_LINE_LENGTH) : isJson ? splitLines(MAX_LINE_LENGTH) : splitCsvRows(MAX_LINE_LENGTH);
    },
    readRow,
    options,
  );

  const { problems, problemCount } = list;
  if (pairCount === 0) {
    const [first] = problems;
    throw new DataFileError(
      first
        ? `No row can be used. Line ${first.line}: ${first.problem}.`
        : `The file holds no rows. Give a header with ${logpColumns.join(', ')}, and one row a pair.`,
    );
  }
  return {
    lines: lines.take(),
    rows: rows.take(),
    rowCount,
    chosen: kept.chosen_logp.take(),
    rejected: kept.rejected_logp.take(),
    reference: hasReference ? { chosen: kept.ref_chosen_logp.take(), rejected: kept.ref_rejected_logp.take() } : null,
    problems,
    problemCount,
    pairCount,
  };
}
