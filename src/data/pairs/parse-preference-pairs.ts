import { openFile } from '../open/open-file.ts';
import { DataFileError, type ReadOptions } from '../read-records.ts';
import { type ParsedPairs, readPairs } from './read-pairs.ts';

export interface ParseOptions extends ReadOptions {
  /** how many pairs to keep in memory; default 1000. The rest is checked and counted. */
  maxPairs?: number;
}

/**
 * Reads preference pairs (`pairOf`) from whatever holds rows: JSONL, a JSON array, CSV, Parquet, compressed or not. A bad line becomes a
 * problem and the rest is kept.
 *
 * @throws DataFileError where the file holds no pair at all
 */
export async function parsePreferencePairs(source: Blob | string, options: ParseOptions = {}): Promise<ParsedPairs> {
  const blob = typeof source === 'string' ? new Blob([source]) : source;
  const opened = await openFile(blob, options);
  if (!('rows' in opened)) throw new DataFileError(`The file is ${opened.format}, and holds no preference pairs.`);
  const parsed = await readPairs(opened.rows, options);
  if (parsed.pairCount === 0) throw new DataFileError(nothingFound(parsed));
  return parsed;
}

/** Why a file that holds no pair cannot be used. */
export function nothingFound({ problems, problemCount }: Pick<ParsedPairs, 'problems' | 'problemCount'>): string {
  const [first] = problems;
  if (!first) return 'The file is empty. Open a file with one JSON object {"prompt", "chosen", "rejected"} on each line.';
  const which = problemCount === 1 ? 'Its only line holds no preference pair' : `None of its ${problemCount} lines holds a preference pair`;
  return `${which}. Line ${first.line}: ${first.problem}.`;
}
