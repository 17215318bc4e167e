import { flatMetrics } from '../logs/flat-metrics.ts';
import { DataFileError, ProblemList, type ReadOptions } from '../read-records.ts';
import { numberOf } from '../rows/csv-rows.ts';
import { isRecord, looseValue } from '../rows/loose-json.ts';
import type { Note, RowSource } from '../rows/row-source.ts';
import { type ColumnMeaning, type LengthColumn, type LogpColumn, logpColumns, meaningOf, otherQuantity } from './logp-columns.ts';
import { type TokenChanges, TokenTally } from './token-changes.ts';

/** Rows kept: with what follows from them they take about 40 MB. The rest is checked and counted. */
export const MAX_LOGP_ROWS = 500_000;
/** A log-prob of a token is at most 0; sums in 16 bits round to a little above. */
const ROUNDING = 1e-3;

/** A row's numbers, NaN and infinities as the file has them. */
export type LogpRow = Readonly<Partial<Record<LogpColumn | LengthColumn, number>>>;

export interface ReadLogps {
  readonly lines: readonly number[];
  /** place of each among the file's rows, from 0 */
  readonly places: readonly number[];
  readonly rows: readonly LogpRow[];
  readonly rowCount: number;
  /** rows with numbers, kept or not */
  readonly pairCount: number;
  readonly hasReference: boolean;
  /** the numbers are means over tokens */
  readonly perToken: boolean;
  /** each token's log-prob was given, and summed */
  readonly wasSummed: boolean;
  /** how each token has changed, where model and reference give each */
  readonly tokens: TokenChanges | null;
  readonly list: ProblemList;
  readonly notes: readonly Note[];
}

const plural = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(' and ');

type Named = ReadonlyMap<LogpColumn | LengthColumn, { readonly name: string; readonly meaning: ColumnMeaning }>;

/** What the columns of a row or of a header are; or what is wrong with them. */
function nameColumns(names: Iterable<string>): Named | string {
  const named = new Map<LogpColumn | LengthColumn, { name: string; meaning: ColumnMeaning }>();
  for (const name of names) {
    const meaning = meaningOf(name);
    if (!meaning) continue;
    const other = named.get(meaning.column);
    // A mean beside the sum says nothing new.
    if (other && other.meaning.isMean !== meaning.isMean) {
      if (other.meaning.isMean) named.set(meaning.column, { name, meaning });
      continue;
    }
    if (other) return `"${other.name}" and "${name}" are both ${meaning.column}; keep one of them`;
    named.set(meaning.column, { name, meaning });
  }
  return named;
}

function checkHeader(names: readonly string[]): string | null {
  const named = nameColumns(names);
  if (typeof named === 'string') return named;
  const missing = (['chosen_logp', 'rejected_logp'] as const).filter((column) => !named.has(column));
  if (missing.length > 0) {
    const hint = otherQuantity(names);
    return `${plural(missing)} ${missing.length === 1 ? 'is' : 'are'} missing; ${hint ?? 'the first row must name the columns'}`;
  }
  const references = (['ref_chosen_logp', 'ref_rejected_logp'] as const).filter((column) => named.has(column));
  if (references.length === 1) return `${plural(references)} stands alone; give both reference columns, or neither`;
  return null;
}

/** The log-prob of a token that stands in a record, beside it or by the token's number; of several tokens none is told to be the text's. */
function tokenLogp(item: unknown): unknown {
  if (!isRecord(item)) return item;
  const own = item['logprob'] ?? item['log_prob'] ?? item['logp'];
  const [only, ...others] = Object.values(item);
  return own ?? (others.length === 0 && isRecord(only) ? only['logprob'] : item);
}

/** What a token that stands in a record is; undefined where it does not say. */
function tokenName(item: unknown): string | undefined {
  if (!isRecord(item)) return undefined;
  const name = item['token'] ?? Object.values(item).find(isRecord)?.['decoded_token'];
  return typeof name === 'string' ? name : undefined;
}

interface FieldLogp {
  readonly value: number;
  /** of each token, where they are given one by one */
  readonly each: readonly number[] | null;
  /** what these tokens are, where that is told beside them */
  readonly names: readonly string[] | null;
}

/** The log-prob of a field; or what is wrong with it. */
function readLogp(column: string, value: unknown, decimalComma: boolean): FieldLogp | string {
  const given = typeof value === 'string' && /^\s*\[/.test(value) ? (looseValue(value.trim()) ?? value) : value;
  if (Array.isArray(given)) {
    let sum = 0;
    const each: number[] = [];
    const names: string[] = [];
    for (const item of given as unknown[]) {
      const number = numberOf(tokenLogp(item), false);
      if (number === undefined) continue; // a token that is masked
      if (number === null) return `"${column}" is a list or an object; write a finite number`;
      if (number > ROUNDING) return `"${column}" has a token at ${number}; a log-probability is at most 0`;
      sum += Math.min(0, number);
      if (Number.isNaN(number)) sum = Number.NaN;
      each.push(number);
      const name = tokenName(item);
      if (name !== undefined) names.push(name);
    }
    if (each.length === 0) return `"${column}" is an empty list`;
    return { value: sum, each, names: names.length === each.length ? names : null };
  }
  if (given === undefined || given === null || given === '') return `"${column}" is missing; every row needs it`;
  const number = numberOf(given, decimalComma);
  if (number === undefined) return `"${column}" is missing; every row needs it`;
  if (typeof given === 'object') return `"${column}" is a list or an object; write a finite number`;
  if (number === null) return `"${column}" is ${JSON.stringify(given)?.slice(0, 40)}; write a finite number`;
  if (number > ROUNDING) return `"${column}" is ${number}; a log-probability is at most 0`;
  return { value: Number.isNaN(number) ? number : Math.min(0, number), each: null, names: null };
}

/**
 * Reads the log-probs of pairs, a row a pair: sums over tokens, means, or each token's in a list. NaN and infinities stay as they are. A bad
 * row becomes a problem. Reference columns: all rows have them, or none.
 *
 * @throws DataFileError where a header cannot be used
 */
export async function readLogps(source: RowSource, options: ReadOptions, onlyFinite = false): Promise<ReadLogps> {
  if (source.columns) {
    const problem = checkHeader(source.columns);
    if (problem !== null) throw new DataFileError(`The header cannot be used: ${problem}.`);
  }
  const list = new ProblemList();
  const [lines, places, rows]: [number[], number[], LogpRow[]] = [[], [], []];
  let [pairCount, rowCount, positive] = [0, 0, 0];
  let hasReference: boolean | undefined;
  let [isMean, isSum, wasSummed] = [false, false, false];
  const tally = new TokenTally();
  const ignored = new Set<string>();
  const odd: number[] = [];

  await source.each((record) => {
    rowCount++;
    const problem = ((): string | null => {
      if (record.value === null) return notARow(record.problem ?? '');
      const fields = flatMetrics(record.value);
      const names = Object.keys(fields);
      const named = nameColumns(names);
      if (typeof named === 'string') return named;
      const has = named.has('ref_chosen_logp') || named.has('ref_rejected_logp');
      const expected = hasReference ?? has;
      if (has && !expected) return 'has reference log-probs where the first row has none; give them on every row or on none';
      const row: Partial<Record<LogpColumn | LengthColumn, number>> = {};
      for (const side of ['chosen', 'rejected'] as const) {
        const length = named.get(`${side}_length`);
        const tokens = length && numberOf(fields[length.name], source.decimalComma);
        if (typeof tokens === 'number' && tokens > 0) row[`${side}_length`] = tokens;
      }
      const wanted: { column: LogpColumn; value: number; mean: boolean }[] = [];
      const byColumn = new Map<LogpColumn, FieldLogp>();
      for (const column of expected ? logpColumns : logpColumns.slice(0, 2)) {
        const found = named.get(column);
        const read = readLogp(column, found && fields[found.name], source.decimalComma);
        if (typeof read === 'string') {
          if (read.endsWith('is at most 0')) positive++;
          return read;
        }
        if (onlyFinite && !Number.isFinite(read.value))
          return `"${column}" is ${JSON.stringify(String(fields[found?.name ?? '']))}; write a finite number`;
        const side = column.endsWith('chosen_logp') ? 'chosen_length' : 'rejected_length';
        if (read.each !== null) {
          wasSummed = true;
          row[side] ??= read.each.length;
        }
        byColumn.set(column, read);
        wanted.push({ column, value: read.value, mean: read.each === null && (found?.meaning.isMean ?? false) });
      }
      for (const side of ['chosen', 'rejected'] as const) {
        const [now, before] = [byColumn.get(`${side}_logp`), byColumn.get(`ref_${side}_logp`)];
        const listed = fields[named.get(`${side}_length`)?.name ?? ''];
        const names = Array.isArray(listed) && listed.every((item) => typeof item === 'string') ? listed : (now?.names ?? null);
        if (now?.each && before?.each) tally.add(side, now.each, before.each, names);
      }
      for (const { column, value, mean } of wanted) {
        const length = row[column.endsWith('chosen_logp') ? 'chosen_length' : 'rejected_length'];
        row[column] = mean && length !== undefined ? value * length : value;
        if (mean && length === undefined) isMean = true;
        else isSum = true;
      }
      hasReference = expected;
      pairCount++;
      if (pairCount <= MAX_LOGP_ROWS) {
        lines.push(record.line);
        places.push(rowCount - 1);
        rows.push(row);
        if (logpColumns.some((column) => row[column] !== undefined && !Number.isFinite(row[column]))) odd.push(record.line);
        for (const name of names) if (meaningOf(name) === null && ignored.size < 100) ignored.add(name);
      }
      return null;
    })();
    if (problem !== null) list.add(record, problem);
  }, options);

  if (pairCount === 0 && positive > 0 && positive === list.problemCount)
    throw new DataFileError(
      'Every row has a number above 0, and a log-probability is at most 0: if they are losses or negative log-probs, turn their signs.',
    );
  if (isMean && isSum)
    throw new DataFileError(
      'Some of its columns are means over tokens and some are sums, and lengths are not given. Write all as sums, or add chosen_length and rejected_length.',
    );
  return {
    ...{ lines, places, rows, rowCount, pairCount, list, hasReference: hasReference ?? false, perToken: isMean, wasSummed },
    tokens: tally.take(),
    notes:
      ignored.size === 0
        ? []
        : [
            {
              kind: 'ignored-columns',
              text: `Not read: ${[...ignored]
                .slice(0, 12)
                .map((name) => `“${name.slice(0, 60)}”`)
                .join(', ')}.`,
              count: ignored.size,
            },
          ],
  };
}

const notARow = (problem: string): string =>
  problem.startsWith('not valid JSON') ? `${problem}; write one object {"chosen_logp": …, "rejected_logp": …} on one line` : problem;
