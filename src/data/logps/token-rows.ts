import { numberOf } from '../rows/csv-rows.ts';
import type { Row, RowSource } from '../rows/row-source.ts';
import { type LengthColumn, type LogpColumn, logpColumns, meaningOf } from './logp-columns.ts';

type Fields = Readonly<Record<string, unknown>>;

const ID = /^(?:pair|pair_?id|id|index|idx|i|example|example_?id|row|row_?id|sample|sample_?id|prompt_?id|uid|qid)$/i;
const TOKEN = /^(?:token|token_?id|token_?index|token_?idx|position|pos|t|tok)$/i;
const SIDE = /^(?:side|response|which|label|type|kind|role|answer)$/i;
const SIDES: Readonly<Record<string, 'chosen' | 'rejected'>> = {
  ...{ chosen: 'chosen', w: 'chosen', winner: 'chosen', preferred: 'chosen', win: 'chosen' },
  ...{ rejected: 'rejected', l: 'rejected', loser: 'rejected', dispreferred: 'rejected', lose: 'rejected' },
};

/** The columns of such rows: which pair, which of its responses (where a column says so), and what each number is. */
interface Columns {
  readonly id: string;
  readonly side: string | null;
  readonly isToken: boolean;
  readonly quantities: readonly {
    readonly name: string;
    readonly column: (side: 'chosen' | 'rejected') => LogpColumn | LengthColumn | null;
  }[];
}

function columnsOf(first: Fields): Columns | null {
  const names = Object.keys(first);
  const id = names.find((name) => ID.test(name));
  const isToken = names.some((name) => TOKEN.test(name));
  if (id === undefined) return null;
  const side = names.find((name) => SIDE.test(name) && Object.hasOwn(SIDES, String(first[name]).toLowerCase())) ?? null;
  const of = (name: string) => (side === null ? meaningOf(name) : null);
  const quantities = names
    .filter((name) => name !== id && name !== side && typeof numberOf(first[name], true) !== 'object' && !Array.isArray(first[name]))
    .flatMap((name) => {
      if (side === null) {
        const column = of(name)?.column;
        return column === undefined ? [] : [{ name, column: (which: 'chosen' | 'rejected') => (column.includes(which) ? column : null) }];
      }
      if (meaningOf(`chosen_${name}`) === null || TOKEN.test(name)) return [];
      return [{ name, column: (which: 'chosen' | 'rejected') => meaningOf(`${which}_${name}`)?.column ?? null }];
    });
  const has = (column: LogpColumn) => quantities.some((each) => each.column('chosen') === column || each.column('rejected') === column);
  return has('chosen_logp') && has('rejected_logp') && (side !== null || isToken) ? { id, side, isToken, quantities } : null;
}

/**
 * Rows of which several are of one pair, as rows a pair: one a response, with its side in a column, or one a token. A token's log-probs are
 * summed over the response, and counted. null where the columns are none of that.
 */
export function tokenRows(source: RowSource, first: Fields): RowSource | null {
  const found = columnsOf(first);
  if (!found) return null;
  const { id, side, isToken, quantities } = found;
  return {
    ...source,
    columns: null,
    unit: 'row',
    notes: [
      ...source.notes,
      {
        kind: 'token-rows',
        text: isToken
          ? `A row is a token: its log-probs are summed over each response of a pair, which “${id}” names.`
          : `A row is a response, “${side}” says which: the two of a pair are put together by “${id}”.`,
      },
    ],
    async each(onRow, options) {
      const pairs = new Map<string, { line: number; sums: Map<string, number>; counts: Map<string, number> }>();
      const broken: Row[] = [];
      await source.each((row) => {
        if (row.value === null) {
          if (!row.isText) broken.push(row);
          return;
        }
        const key = String(row.value[id]);
        const pair = pairs.get(key) ?? { line: row.line, sums: new Map<string, number>(), counts: new Map<string, number>() };
        pairs.set(key, pair);
        const said = side === null ? undefined : SIDES[String(row.value[side]).toLowerCase()];
        for (const which of side === null ? (['chosen', 'rejected'] as const) : said ? [said] : [])
          for (const { name, column: columnFor } of quantities) {
            const column = columnFor(which);
            const value = numberOf(row.value[name], source.decimalComma);
            if (column === null || typeof value !== 'number') continue;
            const isLength = column.endsWith('length');
            pair.sums.set(column, isLength ? value : (pair.sums.get(column) ?? 0) + value);
            if (!isLength) pair.counts.set(column, (pair.counts.get(column) ?? 0) + 1);
          }
      }, options);
      for (const row of broken) if (onRow(row) === false) return;
      const isOne = [...pairs.values()].every(({ counts }) => [...counts.values()].every((count) => count === 1));
      for (const { line, sums, counts } of pairs.values()) {
        const value: Record<string, number> = {};
        for (const column of [...logpColumns, 'chosen_length', 'rejected_length'] as const) {
          const known = sums.get(column);
          if (known !== undefined) value[column] = known;
        }
        for (const which of ['chosen', 'rejected'] as const) {
          const tokens = counts.get(`${which}_logp`) ?? 0;
          if (isToken && !isOne && tokens > 0) value[`${which}_length`] ??= tokens;
        }
        if (onRow({ line, value }) === false) return;
      }
    },
  };
}
