import type { FileMetaData } from 'hyparquet';
import { DataFileError, nextTurn, type ReadOptions } from '../read-records.ts';
import type { Row, RowSource } from '../rows/row-source.ts';
import { ForeignFileError } from './foreign.ts';

/** Rows that are decoded at a time out of a long group. */
const WINDOW_ROWS = 2000;
/** Of the time that a group takes which is decoded in one piece, about how much its pages take; its rows take the rest. */
const UNPACKING = 0.6;
/** Bytes of a group, unpacked, that is decoded in one piece. */
const WHOLE_GROUP_BYTES = 8 << 20;
/** Bytes of a column, packed, that are kept while its windows are read. */
const HELD_BYTES = 1 << 26;
/** Columns whose cells are no text and no numbers of a log: megabytes for nothing. */
const HEAVY = /image|audio|video|pixel|embedding|hidden_states|input_ids|attention_mask/i;

/** How pages may be packed. */
const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'ZSTD'];
const REPACK = 'import pandas as pd; pd.read_parquet("data.parquet").to_parquet("zstd.parquet", compression="zstd")';

/** What was unpacked of gzip pages before they are asked for: the decoder wants them at once, and the browser gives them later. */
class GzipPages {
  readonly #pages = new Map<string, Uint8Array>();

  /** gzip ends with a checksum and a length: with them a page names itself */
  static #name(bytes: Uint8Array): string {
    return `${bytes.length}:${bytes.subarray(-8).join()}`;
  }

  clear(): void {
    this.#pages.clear();
  }

  async unpack(bytes: Uint8Array): Promise<void> {
    const stream = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream().pipeThrough(new DecompressionStream('gzip'));
    this.#pages.set(GzipPages.#name(bytes), new Uint8Array(await new Response(stream).arrayBuffer()));
  }

  take(bytes: Uint8Array): Uint8Array {
    const page = this.#pages.get(GzipPages.#name(bytes));
    if (!page) throw new Error('a gzip page cannot be unpacked');
    return page;
  }
}

/** Unpacks the gzip pages of a group's columns ahead of their decoding. */
async function unpackGroup(
  blob: Blob,
  group: FileMetaData['row_groups'][number],
  columns: readonly string[],
  pages: GzipPages,
): Promise<void> {
  const { deserializeTCompactProtocol } = await import('hyparquet/src/thrift.js');
  for (const { meta_data: chunk } of group.columns) {
    if (chunk?.codec !== 'GZIP' || !columns.includes(chunk.path_in_schema[0] ?? '')) continue;
    const start = Number(chunk.dictionary_page_offset || chunk.data_page_offset);
    const buffer = await blob.slice(start, start + Number(chunk.total_compressed_size)).arrayBuffer();
    const reader = { view: new DataView(buffer), offset: 0 };
    while (reader.offset < buffer.byteLength - 1) {
      const header = deserializeTCompactProtocol(reader) as Record<string, unknown>;
      const size = Number(header['field_3']);
      if (!(size >= 0) || reader.offset + size > buffer.byteLength) break;
      const v2 = header['field_8'] as Record<string, unknown> | undefined;
      const levels = v2 ? Number(v2['field_5'] ?? 0) + Number(v2['field_6'] ?? 0) : 0;
      if (size > levels && v2?.['field_7'] !== false) await pages.unpack(new Uint8Array(buffer, reader.offset + levels, size - levels));
      reader.offset += size;
    }
  }
}

/** Numbers as numbers: Parquet's long integers come as BigInt, and JSON has none. */
function plain(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'object' || value === null || depth > 8) return value;
  if (ArrayBuffer.isView(value))
    return value instanceof DataView ? null : Array.from(value as unknown as ArrayLike<unknown>, (item) => plain(item, depth + 1));
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)]));
}

const named = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 120).replace(/\.$/, '');

/** The rows of a Parquet file, decoded group by group. */
export async function parquetRows(blob: Blob): Promise<RowSource> {
  const { parquetMetadataAsync, parquetRead, parquetSchema } = await import('hyparquet');
  /** the rows that were decoded last: what a file is is told by its first rows, and it is read from the first row on then */
  let decoded: { readonly rowStart: number; readonly rows: Record<string, unknown>[] } | null = null;
  /** what was read of the present group: each of its windows asks for the same bytes */
  const held = new Map<string, Promise<ArrayBuffer>>();
  const file = {
    byteLength: blob.size,
    slice: (start: number, end?: number) => {
      const key = `${start}-${end}`;
      const bytes = held.get(key) ?? blob.slice(start, end).arrayBuffer();
      if ((end ?? blob.size) - start <= HELD_BYTES) held.set(key, bytes);
      return bytes;
    },
  };
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw new DataFileError(`The file is Parquet, and damaged or cut off (${named(error)}). Copy it again.`);
  });
  const codecs = metadata.row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data?.codec));
  const unknown = codecs.find((codec) => codec !== undefined && !CODECS.includes(codec));
  if (unknown !== undefined)
    throw new ForeignFileError(
      { format: `Parquet, packed with ${unknown}`, convert: REPACK },
      `The file is Parquet, and packed with ${unknown}: read are zstd, snappy, gzip and what is not packed.`,
    );
  const schema = parquetSchema(metadata);
  const names = schema.children.map(({ element }) => element.name);
  const columns = names.filter((name) => !HEAVY.test(name));
  if (columns.length === 0)
    throw new DataFileError(`The file is Parquet, and none of its columns holds text or numbers: ${names.join(', ').slice(0, 200)}.`);
  const isFlat = schema.children.every(({ children, element }) => children.length === 0 && element.repetition_type !== 'REPEATED');
  const heavy = names.filter((name) => HEAVY.test(name));

  return {
    syntax: 'Parquet',
    holdsFirst: true,
    unit: 'row',
    columns,
    decimalComma: false,
    notes:
      heavy.length > 0
        ? [{ kind: 'ignored-columns', text: `Not read: ${heavy.map((name) => `“${name.slice(0, 60)}”`).join(', ')}.`, count: heavy.length }]
        : [],
    async each(onRow: (row: Row) => boolean | undefined, { signal, onProgress, yieldNow = nextTurn }: ReadOptions) {
      const [{ decompress }, { snappyUncompress }] = await Promise.all([import('fzstd'), import('hyparquet')]);
      const pages = new GzipPages();
      /** bytes up to the present group, of it, and of it so far, as far as they are unpacked here */
      let [before, size, unpacked] = [0, 0, 0];
      /** A long group of lists is decoded in one piece, in seconds: its pages tell how far it is. */
      const counted =
        (unpack: (input: Uint8Array, length: number) => Uint8Array) =>
        (input: Uint8Array, length: number): Uint8Array => {
          unpacked += input.length;
          if (isWhole) onProgress?.(before + UNPACKING * Math.min(size, unpacked), blob.size);
          return unpack(input, length);
        };
      let isWhole = false;
      const compressors = {
        ZSTD: counted((input, length) => decompress(input, new Uint8Array(length))),
        GZIP: counted((input) => pages.take(input)),
        SNAPPY: counted((input, length) => {
          const output = new Uint8Array(length);
          snappyUncompress(input, output);
          return output;
        }),
      };
      let groupStart = 0;
      for (const group of metadata.row_groups) {
        const rows = Number(group.num_rows);
        before = (blob.size * groupStart) / Math.max(1, Number(metadata.num_rows));
        size = (blob.size * rows) / Math.max(1, Number(metadata.num_rows));
        unpacked = 0;
        const step = isFlat && Number(group.total_byte_size) > WHOLE_GROUP_BYTES ? WINDOW_ROWS : Math.max(1, rows);
        isWhole = step === Math.max(1, rows);
        for (let from = 0; from < rows; from += step) {
          const [rowStart, rowEnd] = [groupStart + from, groupStart + Math.min(rows, from + step)];
          let read: Record<string, unknown>[] = [];
          if (decoded?.rowStart === rowStart) read = decoded.rows;
          else decoded = null;
          try {
            if (decoded === null && from === 0) {
              pages.clear();
              held.clear();
              await unpackGroup(blob, group, columns, pages);
            }
            if (decoded === null)
              await parquetRead({
                file,
                metadata,
                columns,
                rowStart,
                rowEnd,
                compressors,
                rowFormat: 'object',
                onComplete: (rows) => (read = rows),
              });
          } catch (error) {
            signal?.throwIfAborted();
            throw new DataFileError(
              `The file is Parquet, and its rows ${rowStart + 1} to ${rowEnd} cannot be read (${named(error)}). Copy it again, or write it with pyarrow.`,
            );
          }
          signal?.throwIfAborted();
          decoded = { rowStart, rows: read };
          for (const [i, row] of read.entries()) {
            if (onRow({ line: rowStart + i + 1, value: plain(row) as Record<string, unknown> }) === false) return;
            if (i % 500 !== 499) continue;
            if (isWhole) onProgress?.(before + size * (UNPACKING + ((1 - UNPACKING) * i) / read.length), blob.size);
            await yieldNow();
            signal?.throwIfAborted();
          }
          onProgress?.((blob.size * rowEnd) / Math.max(1, Number(metadata.num_rows)), blob.size);
          await yieldNow();
          signal?.throwIfAborted();
        }
        groupStart += rows;
      }
    },
  };
}
