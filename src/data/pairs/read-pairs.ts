import { ProblemList, type ReadOptions } from '../read-records.ts';
import type { Note, RowSource } from '../rows/row-source.ts';
import { PairNotes } from './pair-notes.ts';
import { type LineProblem, missingOf, type PreferencePair, pairOf, SAME } from './read-pair.ts';

export interface ParsedPairs {
  /** the first pairs of the file, in order; at most `maxPairs` */
  pairs: PreferencePair[];
  /** the first lines that hold no pair, in order; at most `MAX_PROBLEMS` */
  problems: LineProblem[];
  /** how many pairs the file holds, kept or not */
  pairCount: number;
  /** how many lines hold no pair */
  problemCount: number;
  /** what was noticed in them */
  notes: Note[];
  /** what the columns are, where they are not TRL's */
  shape: string;
}

/** Most characters of pairs that are kept in memory. */
const MAX_CHARACTERS = 150_000_000;

const NOT_JSON_PAIR = '; write one object {"prompt": …, "chosen": …, "rejected": …} on one line';

/** Reads pairs from rows. A bad row becomes a problem and the rest is kept. */
export async function readPairs(source: RowSource, options: ReadOptions & { maxPairs?: number }): Promise<ParsedPairs> {
  const { maxPairs = 1000 } = options;
  const pairs: PreferencePair[] = [];
  const notes = new PairNotes(pairs);
  const list = new ProblemList();
  let pairCount = 0;
  let characters = 0;
  await source.each((row) => {
    if (row.value === null) {
      const { problem = '' } = row;
      list.add(
        row,
        problem.startsWith('not valid JSON')
          ? problem + NOT_JSON_PAIR
          : problem === 'not a JSON object'
            ? `${problem}; each line needs prompt, chosen and rejected`
            : problem,
      );
      return;
    }
    const read = pairOf(row.value) ?? missingOf(row.value);
    if (typeof read === 'string') {
      if (read === SAME) notes.tally('same', row.line);
      list.add(row, read);
      return;
    }
    pairCount++;
    const { pair } = read;
    characters += pair.prompt.length + pair.chosen.length + pair.rejected.length;
    const isKept = pairs.length < maxPairs && characters <= MAX_CHARACTERS;
    notes.add(read, row.value, row.line, isKept ? pairs.length : null);
    if (isKept) pairs.push({ line: row.line, ...pair });
  }, options);
  const { problems, problemCount } = list;
  return { pairs, problems, pairCount, problemCount, notes: notes.notes(), shape: notes.shape };
}
