import { PrefscopeError } from '../core/errors.ts';
import type { LineProblem } from './pairs/read-pair.ts';
import type { RecordSplitter, TextRecord } from './rows/split-records.ts';

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

/**
 * Options of one of several passes over a file: its progress goes from one share of the whole to another, in bytes of what was opened. To
 * read it may take a pass to unpack it and one to tell its encoding.
 */
export const passOf = (options: ReadOptions, from: number, to: number): ReadOptions => ({
  ...options,
  onProgress: (done, total) => options.onProgress?.(done >= total ? total * to : total * (from + ((to - from) * done) / total), total),
});

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

/**
 * Cuts a text file into its records and hands them on one by one, until it is answered false. Works in slices of about 8 ms and never holds
 * more of the file than one piece and one record.
 *
 * @throws what `onRecord` throws
 */
export async function readRecords(
  blob: Blob,
  encoding: string,
  splitter: RecordSplitter,
  onRecord: (record: TextRecord) => boolean | undefined,
  { signal, onProgress, yieldNow = nextTurn }: ReadOptions,
): Promise<void> {
  let sliceStart = performance.now();
  /** whether more is wanted */
  const readAll = async (records: ReturnType<RecordSplitter['push']>): Promise<boolean> => {
    for (const record of records) {
      if (onRecord(record) === false) return false;
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await yieldNow();
      signal?.throwIfAborted();
      sliceStart = performance.now();
    }
    return true;
  };

  signal?.throwIfAborted();
  const decoder = new TextDecoder(encoding); // drops a byte order mark
  for (let start = 0; start < blob.size; start += PIECE_BYTES) {
    const end = Math.min(start + PIECE_BYTES, blob.size);
    const bytes = await blob.slice(start, end).arrayBuffer();
    signal?.throwIfAborted();
    if (!(await readAll(splitter.push(decoder.decode(bytes, { stream: true }))))) return;
    onProgress?.(end, blob.size);
  }
  if ((await readAll(splitter.push(decoder.decode()))) && blob.size > 0) await readAll(splitter.end());
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
