import { PrefscopeError } from '../core/errors.ts';
import type { LineProblem } from './read-preference-pair.ts';
import type { RecordSplitter, TextRecord } from './split-records.ts';

/** A file cannot be used at all; the message names the reason and the fix. */
export class DataFileError extends PrefscopeError {
  override readonly name = 'DataFileError';
}

export interface ReadOptions {
  /** cancels: the call rejects with the signal's reason */
  signal?: AbortSignal;
  /** in bytes; called after every piece that was read */
  onProgress?(bytesDone: number, bytesTotal: number): void;
  /** lets other work of the page run; default: one turn of the event loop */
  yieldNow?(): Promise<void>;
}

const PIECE_BYTES = 128 * 1024;
const SLICE_MS = 8;
/** Longest record that is parsed, in UTF-16 units: JSON.parse takes about 5 ms for it. */
export const MAX_LINE_LENGTH = 1_000_000;
/** How many problems are kept; the rest is counted. */
export const MAX_PROBLEMS = 1000;

/** One turn of the event loop. A message, since browsers stretch timers to 4 ms, in hidden tabs to a second. */
export function nextTurn(): Promise<void> {
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
  { bytes: [0x1f, 0x8b], message: 'The file is compressed (gzip). Unpack it and open the text file inside.' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], message: 'The file is compressed (zstd). Unpack it and open the text file inside.' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], message: 'The file is a zip archive. Unpack it and open the text file inside.' },
  { bytes: [0x50, 0x41, 0x52, 0x31], message: 'The file is Parquet. Convert it first: datasets.Dataset.to_json("pairs.jsonl").' },
  { bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], message: 'The file is a NumPy array. Open it under hidden states.' },
  { bytes: [0xff, 0xfe], message: 'The file is UTF-16. Save it as UTF-8 and open it again.' },
  { bytes: [0xfe, 0xff], message: 'The file is UTF-16. Save it as UTF-8 and open it again.' },
];

function rejectForeign(head: Uint8Array): void {
  const foreign = FOREIGN_FILES.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
  if (foreign) throw new DataFileError(foreign.message);
}

/**
 * Cuts a UTF-8 file into its records and hands them on one by one. Works in slices of about 8 ms and never holds more of the file than
 * one piece and one record.
 *
 * @param chooseSplitter is shown the beginning of the text
 * @throws DataFileError for a file of another kind, and what `onRecord` throws
 */
export async function readRecords(
  blob: Blob,
  chooseSplitter: (head: string) => RecordSplitter,
  onRecord: (record: TextRecord) => void,
  { signal, onProgress, yieldNow = nextTurn }: ReadOptions,
): Promise<void> {
  let sliceStart = performance.now();
  const readAll = async (records: ReturnType<RecordSplitter['push']>): Promise<void> => {
    for (const record of records) {
      onRecord(record);
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
    splitter ??= chooseSplitter(piece);
    await readAll(splitter.push(piece));
    onProgress?.(end, blob.size);
  }
  if (splitter) {
    await readAll(splitter.push(decoder.decode()));
    await readAll(splitter.end());
  }
}

/** What is wrong with the lines of a file: the first ones by name, all of them counted. */
export class ProblemList {
  /** the first lines with a problem, in order; at most `MAX_PROBLEMS` */
  readonly problems: LineProblem[] = [];
  problemCount = 0;

  add({ line, element }: Pick<TextRecord, 'line' | 'element'>, problem: string): void {
    this.problemCount++;
    const where = element === undefined ? '' : `element ${element} of the array: `;
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ line, problem: where + problem });
  }
}

/** What is wrong with a record that was too long to be kept. */
export const TOO_LONG = `longer than ${MAX_LINE_LENGTH.toLocaleString('en')} characters; shorten it, or put one record on each line`;
