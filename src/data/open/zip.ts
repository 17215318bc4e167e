import { DataFileError } from '../read-records.ts';

/** A file in a zip archive. */
export interface ZipEntry {
  readonly name: string;
  /** 0: stored, 8: deflated */
  readonly method: number;
  /** where its bytes begin, and how many there are */
  readonly start: number;
  readonly size: number;
  /** its bytes are encrypted */
  readonly isLocked: boolean;
}

/** The end of an archive, and the longest comment behind it. */
const END_BYTES = 22 + 65_535;
const MAX_ENTRIES = 10_000;
const WIDE = 0xffff_ffff;

/** A size or a place that does not fit into 32 bits stands in the extra field, in this order. */
function wideValues(extra: DataView, values: readonly number[]): number[] {
  for (let at = 0; at + 4 <= extra.byteLength; ) {
    const [id, length] = [extra.getUint16(at, true), extra.getUint16(at + 2, true)];
    if (id === 1) {
      let from = at + 4;
      return values.map((value) => {
        if (value !== WIDE || from + 8 > extra.byteLength) return value;
        from += 8;
        return Number(extra.getBigUint64(from - 8, true));
      });
    }
    at += 4 + length;
  }
  return [...values];
}

/** What a zip archive holds, by its directory. Throws a DataFileError where it has none. */
export async function zipEntries(blob: Blob): Promise<ZipEntry[]> {
  const tailStart = Math.max(0, blob.size - END_BYTES);
  const tail = new DataView(await blob.slice(tailStart).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  const broken = () => new DataFileError('The file is a zip archive, as .npz and .xlsx are, and damaged or cut off. Copy it again.');
  if (end < 0) throw broken();
  const count = Math.min(tail.getUint16(end + 10, true), MAX_ENTRIES);
  const [size, from] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (from + size > blob.size) throw broken();
  const directory = new DataView(await blob.slice(from, from + size).arrayBuffer());
  const entries: ZipEntry[] = [];
  for (let at = 0, i = 0; i < count; i++) {
    if (at + 46 > directory.byteLength || directory.getUint32(at, true) !== 0x02014b50) throw broken();
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => directory.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    if (at + 46 + nameLength + extraLength > directory.byteLength) throw broken();
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, nameLength));
    const extra = new DataView(directory.buffer, at + 46 + nameLength, extraLength);
    const [, packed = 0, local = 0] = wideValues(
      extra,
      [24, 20, 42].map((offset) => directory.getUint32(at + offset, true)),
    );
    const head = new DataView(await blob.slice(local, local + 30).arrayBuffer());
    if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw broken();
    const start = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
    if (start + packed > blob.size) throw broken();
    entries.push({
      name,
      method: directory.getUint16(at + 10, true),
      start,
      size: packed,
      isLocked: (directory.getUint16(at + 8, true) & 1) === 1,
    });
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}
