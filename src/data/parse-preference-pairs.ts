import { PrefscopeError } from '../core/errors.ts';
import { type LineProblem, type PreferencePair, readPreferencePair } from './read-preference-pair.ts';
import { looksLikeArray, type RecordSplitter, splitArray, splitLines, type TextRecord } from './split-records.ts';
import { hasWords } from './words.ts';

/** A file of preference pairs cannot be used at all; the message names the reason and the fix. */
export class PairsFileError extends PrefscopeError {
  override readonly name = 'PairsFileError';
}

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

export interface ParseOptions {
  /** cancels: the call rejects with the signal's reason */
  signal?: AbortSignal;
  /** in bytes; called after every piece that was read */
  onProgress?(bytesDone: number, bytesTotal: number): void;
  /** how many pairs to keep in memory; default 1000. The rest is checked and counted. */
  maxPairs?: number;
  /** lets other work of the page run; default: one turn of the event loop */
  yieldNow?(): Promise<void>;
}

const PIECE_BYTES = 128 * 1024;
const SLICE_MS = 8;
/** Longest line that is parsed, in UTF-16 units: JSON.parse takes about 5 ms for it. */
export const MAX_LINE_LENGTH = 1_000_000;
/** How many problems are kept; the rest is counted. */
export const MAX_PROBLEMS = 1000;

/** One turn of the event loop. A message, since browsers stretch timers to 4 ms, in hidden tabs to a second. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

/** Files that people open by mistake, by their first bytes. */
const FOREIGN_FILES: readonly { bytes: readonly number[]; message: string }[] = [
  { bytes: [0x1f, 0x8b], message: 'The file is compressed (gzip). Unpack it and open the .jsonl file inside.' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], message: 'The file is compressed (zstd). Unpack it and open the .jsonl file inside.' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], message: 'The file is a zip archive. Unpack it and open the .jsonl file inside.' },
  { bytes: [0x50, 0x41, 0x52, 0x31], message: 'The file is Parquet. Convert it first: datasets.Dataset.to_json("pairs.jsonl").' },
  { bytes: [0xff, 0xfe], message: 'The file is UTF-16. Save it as UTF-8 and open it again.' },
  { bytes: [0xfe, 0xff], message: 'The file is UTF-16. Save it as UTF-8 and open it again.' },
];

function rejectForeign(head: Uint8Array): void {
  const foreign = FOREIGN_FILES.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
  if (foreign) throw new PairsFileError(foreign.message);
}

/**
 * Reads preference pairs in TRL's formats (`readPreferencePair`) from JSONL, or from one JSON array. Works in slices of about
 * 8 ms and never holds more of the file than one piece and one line. A bad line becomes a problem and the rest is kept.
 *
 * @throws PairsFileError where the file holds no pair at all
 */
export async function parsePreferencePairs(source: Blob | string, options: ParseOptions = {}): Promise<ParsedPairs> {
  const { signal, onProgress, maxPairs = 1000, yieldNow = nextTurn } = options;
  const blob = typeof source === 'string' ? new Blob([source]) : source;
  const result: ParsedPairs = { pairs: [], problems: [], pairCount: 0, problemCount: 0 };

  const addProblem = (line: number, problem: string): void => {
    result.problemCount++;
    if (result.problems.length < MAX_PROBLEMS) result.problems.push({ line, problem });
  };

  const readRecord = ({ line, text, element }: TextRecord): void => {
    const where = element === undefined ? '' : `element ${element} of the array: `;
    if (text === null) {
      addProblem(line, `${where}longer than ${MAX_LINE_LENGTH.toLocaleString('en')} characters; shorten it, or put one pair on each line`);
      return;
    }
    const pair = readPreferencePair(text, hasWords);
    if (typeof pair === 'string') {
      addProblem(line, where + pair);
      return;
    }
    result.pairCount++;
    if (result.pairs.length < maxPairs) result.pairs.push({ line, ...pair });
  };

  let sliceStart = performance.now();
  const readRecords = async (records: ReturnType<RecordSplitter['push']>): Promise<void> => {
    for (const record of records) {
      readRecord(record);
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await yieldNow();
      signal?.throwIfAborted();
      sliceStart = performance.now();
    }
  };

  signal?.throwIfAborted();
  const decoder = new TextDecoder(); // drops a byte order mark
  let splitter: RecordSplitter | undefined;
  for (let start = 0; start < blob.size; start += PIECE_BYTES) {
    const end = Math.min(start + PIECE_BYTES, blob.size);
    const bytes = new Uint8Array(await blob.slice(start, end).arrayBuffer());
    signal?.throwIfAborted();
    if (start === 0) rejectForeign(bytes);
    const piece = decoder.decode(bytes, { stream: true });
    splitter ??= looksLikeArray(piece) ? splitArray(MAX_LINE_LENGTH) : splitLines(MAX_LINE_LENGTH);
    await readRecords(splitter.push(piece));
    onProgress?.(end, blob.size);
  }
  if (splitter) {
    await readRecords(splitter.push(decoder.decode()));
    await readRecords(splitter.end());
  }

  if (result.pairCount === 0) throw new PairsFileError(nothingFound(result));
  return result;
}

function nothingFound({ problems, problemCount }: ParsedPairs): string {
  const [first] = problems;
  if (!first) return 'The file is empty. Open a file with one JSON object {"prompt", "chosen", "rejected"} on each line.';
  const which = problemCount === 1 ? 'Its only line holds no preference pair' : `None of its ${problemCount} lines holds a preference pair`;
  return `${which}. Line ${first.line}: ${first.problem}.`;
}
