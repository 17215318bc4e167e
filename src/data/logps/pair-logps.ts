import { openFile } from '../open/open-file.ts';
import type { LineProblem } from '../pairs/read-pair.ts';
import { DataFileError, type ReadOptions } from '../read-records.ts';
import { recognise } from '../recognise.ts';
import { arrayRows } from './array-rows.ts';
import { type LengthColumn, type LogpColumn, logpColumns } from './logp-columns.ts';
import { readLogps } from './read-logps.ts';
import type { TokenChanges } from './token-changes.ts';

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
  /** [n] tokens of each response; null where the file does not give both of every row */
  lengths: { chosen: Float64Array; rejected: Float64Array } | null;
  /** means over tokens, whose lengths are not known */
  perToken: boolean;
  /** how each token has changed since the reference; null where the file does not give each token's log-prob of both */
  tokens: TokenChanges | null;
  problems: LineProblem[];
  problemCount: number;
  /** rows of the file with numbers that can be used, kept or not */
  pairCount: number;
}

/**
 * Reads the log-probs of pairs (`readLogps`) from whatever holds rows or arrays. A row with a number that is not finite becomes a problem,
 * as a bad one does, and the rest is kept.
 *
 * @throws DataFileError where the file holds no usable row, or its header cannot be used
 */
export async function readPairLogps(file: Blob, options: ReadOptions = {}): Promise<PairLogps> {
  const opened = await openFile(file, options).catch((error: unknown) => {
    if (error instanceof DataFileError && error.message.startsWith('The file is empty')) throw new DataFileError(NO_ROWS);
    throw error;
  });
  const source = 'rows' in opened ? opened.rows : await arrayRows(opened.arrays);
  if (source === null)
    throw new DataFileError('The arrays of the file are not named as log-probs are, as chosen_logps and rejected_logps.');
  if ((await recognise(source, options)).kind === 'log')
    throw new DataFileError(
      'It is a training log: its rows are means over batches, and no pairs. Open it above, where pairs are opened: what it shows is read there.',
    );
  const { lines, places, rows, rowCount, pairCount, hasReference, perToken, tokens, list } = await readLogps(source, options, true);
  const { problems, problemCount } = list;
  if (pairCount === 0) throw new DataFileError(noLogps(problems));
  const column = (name: LogpColumn | LengthColumn) => Float64Array.from(rows, (row) => row[name] ?? Number.NaN);
  return {
    lines: Float64Array.from(lines),
    rows: Float64Array.from(places),
    rowCount,
    chosen: column('chosen_logp'),
    rejected: column('rejected_logp'),
    reference: hasReference ? { chosen: column('ref_chosen_logp'), rejected: column('ref_rejected_logp') } : null,
    lengths: rows.every((row) => row.chosen_length !== undefined && row.rejected_length !== undefined)
      ? { chosen: column('chosen_length'), rejected: column('rejected_length') }
      : null,
    perToken,
    tokens,
    problems,
    problemCount,
    pairCount,
  };
}

const NO_ROWS = `The file holds no rows. Give a header with ${logpColumns.join(', ')}, and one row a pair.`;

/** Why a file without a usable row cannot be used. */
export const noLogps = ([first]: readonly LineProblem[]): string =>
  first ? `No row can be used. Line ${first.line}: ${first.problem}.` : NO_ROWS;
