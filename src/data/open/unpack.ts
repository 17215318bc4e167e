import { DataFileError, nextTurn, type ReadOptions } from '../read-records.ts';

/** Most bytes that a compressed file may unpack to: a small file can hold any number of zeros. */
export const MAX_UNPACKED = 2 ** 31;
/** Bytes that are put together before they are handed to the browser, which may keep them on disk. */
const PART_BYTES = 1 << 23;
const PIECE_BYTES = 1 << 17;

/** Collects what is unpacked, piece by piece, in parts that need not stay in memory. */
class Unpacked {
  readonly #parts: Blob[] = [];
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #pending = 0;
  size = 0;

  add(piece: Uint8Array): void {
    this.size += piece.length;
    if (this.size > MAX_UNPACKED)
      throw new DataFileError(`The file unpacks to more than ${Math.round(MAX_UNPACKED / 1e9)} GB. Open a smaller part of it.`);
    this.#pieces.push(piece as Uint8Array<ArrayBuffer>);
    this.#pending += piece.length;
    if (this.#pending >= PART_BYTES) this.#flush();
  }

  #flush(): void {
    this.#parts.push(new Blob(this.#pieces));
    this.#pieces = [];
    this.#pending = 0;
  }

  blob(): Blob {
    this.#flush();
    return new Blob(this.#parts);
  }
}

/** What a gzip file holds. A stream with an error in it is cut off there: then it throws. */
async function gunzip(blob: Blob, format: CompressionFormat, { signal, onProgress }: ReadOptions): Promise<Blob> {
  const unpacked = new Unpacked();
  let done = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, to) {
      done += piece.length;
      onProgress?.(done, blob.size);
      to.enqueue(piece);
    },
  });
  const reader = blob.stream().pipeThrough(counted).pipeThrough(new DecompressionStream(format)).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return unpacked.blob();
      unpacked.add(value);
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

async function unzstd(blob: Blob, { signal, onProgress, yieldNow = nextTurn }: ReadOptions): Promise<Blob> {
  const { Decompress } = await import('fzstd');
  const unpacked = new Unpacked();
  const decoder = new Decompress((piece) => unpacked.add(piece.slice()));
  for (let start = 0; start < blob.size; start += PIECE_BYTES) {
    const bytes = new Uint8Array(await blob.slice(start, start + PIECE_BYTES).arrayBuffer());
    decoder.push(bytes, start + PIECE_BYTES >= blob.size);
    onProgress?.(start + bytes.length, blob.size);
    await yieldNow();
    signal?.throwIfAborted();
  }
  return unpacked.blob();
}

/** What a compressed file holds. Throws a DataFileError where it is damaged. */
export async function unpack(blob: Blob, kind: 'gzip' | 'zstd' | 'deflate-raw', options: ReadOptions): Promise<Blob> {
  try {
    return kind === 'zstd' ? await unzstd(blob, options) : await gunzip(blob, kind, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof DataFileError) throw error;
    throw new DataFileError(`The file is compressed (${kind === 'zstd' ? 'zstd' : 'gzip'}) and damaged or cut off. Copy it again.`);
  }
}
