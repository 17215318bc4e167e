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
    if (this.size > MAX_UNPACKED) throw tooLarge();
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

/** The head of a member of a gzip file: its mark and method, flags, four bytes of time, and two bytes of which few values are used. */
function isMember(bytes: Uint8Array, at: number): boolean {
  const [flags = 0xff, extra = 1, system = 99] = [bytes[at + 3], bytes[at + 8], bytes[at + 9]];
  return (
    bytes[at] === 0x1f &&
    bytes[at + 1] === 0x8b &&
    bytes[at + 2] === 8 &&
    flags < 0x20 &&
    extra % 2 === 0 &&
    extra <= 4 &&
    (system < 14 || system === 255)
  );
}
const MEMBER_HEAD = 10;

/** Where members of a gzip file may begin; their bytes may stand elsewhere by chance. */
async function membersOf(blob: Blob, { signal, yieldNow = nextTurn }: ReadOptions): Promise<number[]> {
  const starts: number[] = [];
  for (let start = 0; start < blob.size; start += PIECE_BYTES) {
    const bytes = new Uint8Array(await blob.slice(start, start + PIECE_BYTES + MEMBER_HEAD - 1).arrayBuffer());
    for (let at = bytes.indexOf(0x1f); at >= 0 && at < PIECE_BYTES; at = bytes.indexOf(0x1f, at + 1))
      if (isMember(bytes, at)) starts.push(start + at);
    await yieldNow();
    signal?.throwIfAborted();
  }
  return starts;
}

/** Members tried as one, where a head stands inside a member by chance. */
const MOST_JOINED = 4;

/** What a gzip file of several members holds, as bgzip and `cat a.gz b.gz` write it: browsers unpack one alone. */
async function gunzipMembers(blob: Blob, options: ReadOptions): Promise<Blob> {
  const starts = await membersOf(blob, options);
  if (starts.length < 2) throw new TypeError('It has one member.');
  const parts: Blob[] = [];
  let size = 0;
  for (let i = 0, joined = 1; i < starts.length; joined++) {
    const end = starts[i + joined] ?? blob.size;
    try {
      const part = await gunzip(blob.slice(starts[i], end), 'gzip', { ...options, onProgress: () => {} });
      size += part.size;
      if (size > MAX_UNPACKED) throw tooLarge();
      parts.push(part);
      options.onProgress?.(end, blob.size);
      i += joined;
      joined = 0;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof DataFileError || joined >= MOST_JOINED || end === blob.size) throw error;
    }
  }
  return new Blob(parts);
}

const tooLarge = (): DataFileError =>
  new DataFileError(`The file unpacks to more than ${Math.round(MAX_UNPACKED / 1e9)} GB. Open a smaller part of it.`);

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
    if (kind === 'zstd') return await unzstd(blob, options);
    return await gunzip(blob, kind, options).catch((error: unknown) => {
      options.signal?.throwIfAborted();
      if (error instanceof DataFileError || kind !== 'gzip') throw error;
      return gunzipMembers(blob, options);
    });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (error instanceof DataFileError) throw error;
    throw new DataFileError(`The file is compressed (${kind === 'zstd' ? 'zstd' : 'gzip'}) and damaged or cut off. Copy it again.`);
  }
}
