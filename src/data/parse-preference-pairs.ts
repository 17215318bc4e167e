import { type LineProblem, type PreferencePair, readPreferencePair } from './read-preference-pair.ts';
import { DataFileError, MAX_LINE_LENGTH, ProblemList, type ReadOptions, readRecords, TOO_LONG } from './read-records.ts';
import { looksLikeArray, splitArray, splitLines } from './split-records.ts';
import { hasWords } from './words.ts';

export interface ParsedPairs {
  /** the first pairs of the file, in order; at most `maxPairs` */
  pairs: PreferencePair[];
  /** the first lines that hold no pair, in order; at most `MAX_PROBLEMS` */
  problems: LineProblem[];
  /** how many pairs the file holds, kept or not */
  pairCount: number;
  /** how many lines hold no pair */
  problemCount: number;
}

export interface ParseOptions extends ReadOptions {
  /** how many pairs to keep in memory; default 1000. The rest is checked and counted. */
  maxPairs?: number;
}

/**
 * Reads preference pairs in TRL's formats (`readPreferencePair`) from JSONL, or from one JSON array, piece by piece (`readRecords`).
 * A bad line becomes a problem and the rest is kept.
 *
 * @throws DataFileError where the file holds no pair at all
 */
export async function parsePreferencePairs(source: Blob | string, options: ParseOptions = {}): Promise<ParsedPairs> {
  const { maxPairs = 1000 } = options;
  const blob = typeof source === 'string' ? new Blob([source]) : source;
  const pairs: PreferencePair[] = [];
  const list = new ProblemList();
  let pairCount = 0;

  await readRecords(
    blob,
    (head) => (looksLikeArray(head) ? splitArray(MAX_LINE_LENGTH) : splitLines(MAX_LINE_LENGTH)),
    (record) => {
      const pair = record.text === null ? TOO_LONG : readPreferencePair(record.text, hasWords);
      if (typeof pair === 'string') {
        list.add(record, pair);
        return;
      }
      pairCount++;
      if (pairs.length < maxPairs) pairs.push({ line: record.line, ...pair });
    },
    options,
  );

  const { problems, problemCount } = list;
  if (pairCount === 0) throw new DataFileError(nothingFound(list));
  return { pairs, problems, pairCount, problemCount };
}

function nothingFound({ problems, problemCount }: ProblemList): string {
  const [first] = problems;
  if (!first) return 'The file is empty. Open a file with one JSON object {"prompt", "chosen", "rejected"} on each line.';
  const which = problemCount === 1 ? 'Its only line holds no preference pair' : `None of its ${problemCount} lines holds a preference pair`;
  return `${which}. Line ${first.line}: ${first.problem}.`;
}
