import { isRecord } from './loose-json.ts';

/** Names under which files keep their rows, the usual ones first. */
const rowKeys = [
  'log_history',
  'history',
  'logs',
  'metrics',
  'rows',
  'data',
  'train',
  'examples',
  'records',
  'instances',
  'items',
  'samples',
  'results',
  'pairs',
];

type Fields = Record<string, unknown>;

const isRows = (value: unknown): value is Fields[] => Array.isArray(value) && value.length > 0 && value.every(isRecord);

/** A message is a row of nothing: a list of messages makes no document. */
const isMessage = (value: unknown): boolean =>
  isRecord(value) &&
  (('role' in value && ['content', 'tool_calls', 'parts'].some((name) => name in value)) || ('from' in value && 'value' in value));

/** A document of parts, as of splits: a record has texts beside its lists. */
const isOnlyLists = (document: Fields): boolean =>
  Object.keys(document).length <= 4 && Object.values(document).every((value) => typeof value === 'object' && value !== null);

/** Columns as lists of one length, or as pandas writes them, by row number. */
function fromColumns(document: Fields): Fields[] | null {
  const names = Object.keys(document);
  const values = Object.values(document).map((value) =>
    isRecord(value) && Object.keys(value).length > 0 && Object.keys(value).every((key) => /^\d+$/.test(key)) ? Object.values(value) : value,
  );
  const [first] = values;
  if (names.length < 2 || !Array.isArray(first) || first.length === 0) return null;
  if (!values.every((value) => Array.isArray(value) && value.length === first.length)) return null;
  if (values.some((value) => (value as unknown[]).some(isMessage))) return null;
  return first.map((_, row) => Object.fromEntries(names.map((name, column) => [name, (values[column] as unknown[])[row]])));
}

/** Records by the step that each is of. */
function fromSteps(document: Fields): Fields[] | null {
  const entries = Object.entries(document);
  if (entries.length < 2 || !entries.every(([key, value]) => /^\d+$/.test(key) && isRecord(value))) return null;
  return entries.map(([key, value]) => ({ step: Number(key), ...(value as Fields) }));
}

/** The curves of a figure of Plotly, as rows: at each place on its axis the number of a curve, by its name. */
function fromTraces(traces: readonly Fields[]): Fields[] | null {
  const isCurve = ({ name, x, y }: Fields): boolean =>
    typeof name === 'string' && Array.isArray(x) && Array.isArray(y) && x.length === y.length && x.every((at) => typeof at === 'number');
  if (!traces.every(isCurve)) return null;
  return traces.flatMap(({ name, x, y }) => (x as number[]).map((step, i) => ({ step, [name as string]: (y as unknown[])[i] })));
}

export interface DocumentRows {
  readonly rows: readonly Fields[];
  /** the field that holds them; null where they are made of several */
  readonly key: string | null;
  /** further fields that hold rows, and are not read */
  readonly others: readonly string[];
}

/**
 * The rows of a document that holds them in one of its fields, and the field; null where it is a row itself.
 *
 * @param isRow it can be read as one: then a list in it is part of it
 */
export function rowsOfDocument(document: Fields, isRow: boolean): DocumentRows | null {
  // a table as pandas (orient="split") and W&B write it
  const { columns, data } = document;
  if (Array.isArray(columns) && Array.isArray(data) && data.every(Array.isArray)) {
    const rows = data.map((cells: unknown[]) => Object.fromEntries(columns.map((name, i) => [String(name), cells[i]])));
    return { rows, key: 'data', others: [] };
  }
  if (Array.isArray(document['log_history']) && document['log_history'].length === 0) return { rows: [], key: 'log_history', others: [] };
  const keys = isRow ? [] : Object.keys(document).filter((key) => isRows(document[key]) && !(document[key] as Fields[]).every(isMessage));
  const key = rowKeys.find((name) => keys.includes(name)) ?? (isOnlyLists(document) ? keys[0] : undefined);
  if (key !== undefined) {
    const rows = document[key] as Fields[];
    return { rows: fromTraces(rows) ?? rows, key, others: keys.filter((name) => name !== key) };
  }
  const rows = fromSteps(document) ?? fromColumns(document);
  return rows && { rows, key: null, others: [] };
}

/** The list of rows of a long document, whose beginning is all that is seen: its name, and where it begins. */
export function rowsInBeginning(head: string): { readonly key: string; readonly from: number; readonly line: number } | null {
  for (const { 1: key = '', 0: found, index } of head.matchAll(/"([\w-]{1,40})"\s*:\s*(?=\[\s*\{)/g))
    if (rowKeys.includes(key)) return { key, from: index + found.length, line: head.slice(0, index + found.length).split('\n').length };
  return null;
}

/** A row as the datasets server wraps it, without its wrapping; or what is wrong with it. */
export function unwrapRow(value: Fields): Fields | string {
  const { row } = value;
  if (!isRecord(row) || !('row_idx' in value || Object.keys(value).length === 1)) return value;
  const cut = value['truncated_cells'];
  if (Array.isArray(cut) && cut.length > 0) return `the server has cut its ${cut.slice(0, 5).join(', ')} short; download the whole file`;
  return row;
}
