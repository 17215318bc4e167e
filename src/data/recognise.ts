import { meaningOf } from './logps/logp-columns.ts';
import { tokenRows } from './logps/token-rows.ts';
import { flatMetrics } from './logs/flat-metrics.ts';
import { isLogRow, logColumn } from './logs/log-columns.ts';
import { unpairedOf } from './pairs/read-unpaired.ts';
import { answerNames, Lookup, promptNames, type RawPair, rawPair } from './pairs/shapes.ts';
import type { ReadOptions } from './read-records.ts';
import { reshaped, reshapes } from './rows/reshape.ts';
import type { RowSource } from './rows/row-source.ts';

export type RowKind = 'pairs' | 'unpaired' | 'logps' | 'log' | 'answers' | 'prompts';

type Fields = Readonly<Record<string, unknown>>;

/** Words that only a row of a training log has besides log-probs: a row that has them is a mean over a batch, and no pair. */
const ofALog = new Set([
  'loss',
  'learning_rate',
  'grad_norm',
  'epoch',
  'rewards/margins',
  'rewards/accuracies',
  'rewards/chosen',
  'rewards/rejected',
  'logits/chosen',
]);

/** What one record is of. */
export function kindOfRow(row: Fields): RowKind | null {
  const names = Object.keys(flatMetrics(row));
  const meanings = new Set(names.map((name) => meaningOf(name)?.column));
  const isLogps = meanings.has('chosen_logp') && meanings.has('rejected_logp');
  const raw = rawPair(row);
  if (raw !== null && (typeof raw === 'string' || [raw.chosen, raw.rejected].some(isTextual) || isAnswered(raw))) return 'pairs';
  if (isLogps) {
    const columns = names.map(logColumn);
    return columns.some((column) => column === 'step' || (column !== null && ofALog.has(column.column))) && isLogRow({ ...row, loss: 0 })
      ? 'log'
      : 'logps';
  }
  if (unpairedOf(row) !== null) return 'unpaired';
  if (isLogRow(row)) return 'log';
  const look = new Lookup(row);
  if (['chosen', 'rejected'].some((name) => isTextual(look.take(look.first([name]))))) return 'pairs'; // what lacks the other one
  const [prompt, answer] = [look.first(promptNames), look.first(answerNames)];
  if ((prompt !== undefined && answer !== undefined && prompt !== answer) || prompt === 'messages' || prompt === 'conversations')
    return 'answers';
  if (answer !== undefined || prompt !== undefined) return prompt === undefined ? 'answers' : 'prompts';
  return null;
}

/** Two numbers may be the answers to a prompt. */
const isAnswered = ({ prompt, chosen, rejected }: RawPair): boolean =>
  isTextual(prompt) && prompt !== '' && [chosen, rejected].every((value) => typeof value === 'string');

const isTextual = (value: unknown): boolean =>
  typeof value === 'string'
    ? !/^[-+]?[\d.,]+(e[-+]?\d+)?$|^\[\s*-?\d/i.test(value.trim()) || value.trim() === ''
    : typeof value === 'object' && value !== null && (Array.isArray(value) ? typeof value[0] !== 'number' : holdsText(value));

/** A record that is a message, or has one in it; and no group of numbers. */
const holdsText = (record: object): boolean => Object.values(record).some((value) => typeof value !== 'number' && value !== null);

export interface Recognised {
  readonly kind: RowKind | null;
  /** names of the columns of the first rows */
  readonly columns: readonly string[];
  /** rows that were looked at and have a value */
  readonly seen: number;
  /** what is wrong with the first row that has none */
  /** the first of them */
  readonly first: Fields | null;
  readonly firstProblem: { readonly line: number; readonly problem: string } | null;
}

const ROWS_TRIED = 200;

/** Rows that are read as they stand, or in another way that makes them known. */
export async function recogniseAny(
  source: RowSource,
  options: ReadOptions,
): Promise<{ readonly source: RowSource; readonly what: Recognised }> {
  const what = await recognise(source, options);
  if (what.first === null || what.kind === 'pairs' || what.kind === 'unpaired' || what.kind === 'log') return { source, what };
  const tokens = tokenRows(source, what.first);
  if (tokens) return { source: tokens, what: { ...what, kind: 'logps' } };
  if (what.kind === 'logps') return { source, what };
  for (const way of reshapes(what.columns, what.first)) {
    const other = reshaped(source, way);
    const found = await recognise(other, options);
    if (found.kind !== null && found.kind !== 'prompts' && found.kind !== 'answers') return { source: other, what: found };
  }
  return { source, what };
}

/** What most of the first rows are of. */
export async function recognise(source: RowSource, options: ReadOptions): Promise<Recognised> {
  const votes = new Map<RowKind, number>();
  const columns = new Set<string>(source.columns ?? []);
  let [seen, tried] = [0, 0];
  let first: Fields | null = null;
  let firstProblem: Recognised['firstProblem'] = null;
  const { onProgress: _, ...quiet } = options;
  await source.each(
    (row) => {
      if (row.value === null) {
        if (!row.isText) {
          tried++;
          firstProblem ??= { line: row.line, problem: row.problem ?? '' };
        }
        return tried < 20 * ROWS_TRIED;
      }
      seen++;
      first ??= row.value;
      if (columns.size < 200) for (const name of Object.keys(row.value)) columns.add(name);
      const kind = kindOfRow(row.value);
      if (kind) votes.set(kind, (votes.get(kind) ?? 0) + 1);
      return seen < ROWS_TRIED;
    },
    source.holdsFirst ? options : quiet,
  );
  // Among answers to learn from there may be pairs: what can be used goes first.
  const isOfUse = (kind: RowKind): number => Number(kind !== 'answers' && kind !== 'prompts');
  const [best] = [...votes].sort(([kind, a], [other, b]) => isOfUse(other) - isOfUse(kind) || b - a);
  return { kind: best?.[0] ?? null, columns: [...columns], seen, first, firstProblem };
}
