import { DataFileError, type ReadOptions } from '../read-records.ts';
import { isRecord, looseValue } from '../rows/loose-json.ts';
import { NPY_HEADER_BYTES, NpyError, parseNpyHeader, readNpyElements } from './npy.ts';
import { unpack } from './unpack.ts';
import { type ZipEntry, zipEntries } from './zip.ts';

/** An array of numbers in a file, by its name there. */
export interface NamedArray {
  readonly name: string;
  /** row-major */
  readonly shape: readonly number[];
  /** Reads all its elements. */
  read(): Promise<Float64Array>;
}

/** Elements of an array that are read as numbers a pair: more are hidden states, of which the shape is enough. */
export const MAX_ELEMENTS = 1 << 26;

function sized(shape: readonly number[]): number {
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > MAX_ELEMENTS) throw new DataFileError(`An array of shape (${shape.join(', ')}) is too large to read whole.`);
  return count;
}

/** @param integers whether they are read, too, as lengths and masks are */
export async function npyArray(name: string, blob: Blob, integers = false): Promise<NamedArray> {
  const head = new Uint8Array(await blob.slice(0, NPY_HEADER_BYTES).arrayBuffer());
  const header = parseNpyHeader(head, blob.size, integers);
  return {
    name,
    shape: header.shape,
    async read() {
      sized(header.shape);
      return readNpyElements(new Uint8Array(await blob.slice(header.dataOffset).arrayBuffer()), header);
    },
  };
}

/** The arrays of an .npz file, stored or deflated. */
export async function npzArrays(entries: readonly ZipEntry[], blob: Blob, options: ReadOptions): Promise<NamedArray[]> {
  const arrays: NamedArray[] = [];
  for (const { name, method, start, size } of entries) {
    if (!name.endsWith('.npy')) continue;
    const packed = blob.slice(start, start + size);
    const bytes = method === 8 ? await unpack(packed, 'deflate-raw', options) : packed;
    try {
      arrays.push(await npyArray(name.replace(/\.npy$/, ''), bytes, true));
    } catch (error) {
      throw error instanceof NpyError ? new NpyError(`Array “${name.slice(0, 60)}”: ${error.message}`) : error;
    }
  }
  return arrays;
}

export { zipEntries };

type Reader = (view: DataView, at: number) => number;

const half = new Uint32Array(1);
const asFloat = new Float32Array(half.buffer);
function bfloat(bits: number): number {
  half[0] = bits << 16;
  return asFloat[0] ?? Number.NaN;
}

const types: Readonly<Record<string, readonly [bytes: number, read: Reader | null]>> = {
  F64: [8, (view, at) => view.getFloat64(at, true)],
  F32: [4, (view, at) => view.getFloat32(at, true)],
  F16: [2, null],
  BF16: [2, (view, at) => bfloat(view.getUint16(at, true))],
  I64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  I32: [4, (view, at) => view.getInt32(at, true)],
  I16: [2, (view, at) => view.getInt16(at, true)],
  I8: [1, (view, at) => view.getInt8(at)],
  U8: [1, (view, at) => view.getUint8(at)],
  BOOL: [1, (view, at) => view.getUint8(at)],
};

const MAX_HEADER = 1 << 24;

/** The tensors of a safetensors file. Throws a DataFileError where its header is none, or says more than the file holds. */
export async function safetensorsArrays(blob: Blob): Promise<NamedArray[]> {
  const length = new DataView(await blob.slice(0, 8).arrayBuffer()).getBigUint64(0, true);
  const broken = (why: string) => new DataFileError(`The file is safetensors, and ${why}. Copy it again, or write it with save_file.`);
  if (length > MAX_HEADER || Number(length) + 8 > blob.size) throw broken('ends inside its header');
  const start = 8 + Number(length);
  const header = looseValue(await blob.slice(8, start).text());
  if (!isRecord(header)) throw broken('its header cannot be read');
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => {
      const { dtype, shape, data_offsets: offsets } = (isRecord(entry) ? entry : {}) as Record<string, unknown>;
      const isCounts = (value: unknown): value is number[] =>
        Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
      const type = typeof dtype === 'string' && Object.hasOwn(types, dtype) ? types[dtype] : undefined;
      if (!isCounts(shape) || !isCounts(offsets)) throw broken(`the entry “${name.slice(0, 60)}” cannot be read`);
      const [from = 0, to = 0] = offsets;
      const count = shape.reduce((product, size) => product * size, 1);
      if (start + to > blob.size) throw broken(`“${name.slice(0, 60)}” lies beyond its end`);
      if (type && to - from !== count * type[0]) throw broken(`“${name.slice(0, 60)}” has another length than its shape`);
      return {
        name,
        shape,
        async read() {
          sized(shape);
          if (!type)
            throw new DataFileError(`The tensor “${name.slice(0, 60)}” is of type ${String(dtype).slice(0, 20)}. Save it as float32.`);
          const bytes = new Uint8Array(await blob.slice(start + from, start + to).arrayBuffer());
          const [size, read] = type;
          if (!read) return readNpyElements(bytes, { itemSize: 2, kind: 'f', littleEndian: true });
          const view = new DataView(bytes.buffer);
          return Float64Array.from({ length: count }, (_, i) => read(view, i * size));
        },
      };
    });
}
