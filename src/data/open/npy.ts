import { PrefscopeError } from '../../core/errors.ts';

/** A file is no NumPy array that can be read here; the message names the reason and the fix. */
export class NpyError extends PrefscopeError {
  override readonly name = 'NpyError';
}

export interface NpyHeader {
  /** bytes of an element: float16, float32 or float64, or an integer */
  itemSize: 1 | 2 | 4 | 8;
  /** as NumPy names them: floats, integers, whole numbers, truth values */
  kind: 'f' | 'i' | 'u' | 'b';
  littleEndian: boolean;
  /** row-major */
  shape: number[];
  /** where the elements begin */
  dataOffset: number;
}

/** How many bytes of a file's beginning `parseNpyHeader` may need: longer headers belong to structured arrays. */
export const NPY_HEADER_BYTES = 65_536;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const; // \x93NUMPY

/** The three entries of a header's Python dictionary. NumPy writes them in this order and always with these keys. */
const DICTIONARY =
  /^\{\s*'descr'\s*:\s*(?<descr>'[^']*'|\[.*\])\s*,\s*'fortran_order'\s*:\s*(?<order>True|False)\s*,\s*'shape'\s*:\s*\((?<shape>[\d,\sL]*)\)\s*,?\s*\}\s*$/s;

function elementOf(descr: string, integers: boolean): Pick<NpyHeader, 'itemSize' | 'kind' | 'littleEndian'> {
  if (descr.startsWith('[')) throw new NpyError('The array has named fields. Save one plain array of floats.');
  const type = descr.slice(1, -1);
  if (type.includes('O')) throw new NpyError('The array holds pickled Python objects, which are never opened here. Save a float array.');
  const match = (integers ? /^([<>=|])([fiub])([1248])$/ : /^([<>=|])(f)([248])$/).exec(type);
  if (!match) {
    const hint = type.startsWith('|V') ? ' If it is bfloat16, save it as float32: tensor.float().numpy().' : '';
    throw new NpyError(`The array's type is '${type.slice(0, 20)}'. Save it as float16, float32 or float64.${hint}`);
  }
  return { itemSize: Number(match[3]) as NpyHeader['itemSize'], kind: match[2] as NpyHeader['kind'], littleEndian: match[1] !== '>' };
}

/**
 * Reads the header of a .npy file, versions 1 to 3, for an array of floats in C order; and checks that the file is as long as it says.
 *
 * @param head at least the first `NPY_HEADER_BYTES` of the file, or all of it
 * @throws NpyError for anything else, Fortran order and pickled objects included
 */
export function parseNpyHeader(head: Uint8Array, fileBytes: number, integers = false): NpyHeader {
  if (head[0] === 0x50 && head[1] === 0x4b) throw new NpyError('The file is a zip archive, as .npz is. Save each array with numpy.save.');
  if (MAGIC.some((byte, i) => head[i] !== byte)) throw new NpyError('The file is no .npy file. Write it with numpy.save.');
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const version = head[6];
  if (version !== 1 && version !== 2 && version !== 3)
    throw new NpyError(`The file has .npy version ${version ?? 'none'}; versions 1, 2 and 3 are known. Write it with numpy.save.`);
  const sizeBytes = version === 1 ? 2 : 4;
  const textStart = 8 + sizeBytes;
  if (head.length < textStart) throw new NpyError('The file ends inside its header. Write it again with numpy.save.');
  const textBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataOffset = textStart + textBytes;
  if (dataOffset > NPY_HEADER_BYTES) throw new NpyError(`The header says that it has ${textBytes} bytes: too many for a plain array.`);
  if (dataOffset > head.length) throw new NpyError('The file ends inside its header. Write it again with numpy.save.');
  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(head.subarray(textStart, dataOffset)).trim();
  const { descr, order, shape: shapeText } = DICTIONARY.exec(text)?.groups ?? {};
  if (descr === undefined || shapeText === undefined)
    throw new NpyError(`The header cannot be read: ${text.slice(0, 60)}. Write the file with numpy.save.`);

  const element = elementOf(descr, integers);
  if (order === 'True')
    throw new NpyError('The array is in Fortran order. Save it in C order: numpy.save(name, numpy.ascontiguousarray(array)).');
  const parts = shapeText.split(',').map((part) => part.trim().replace(/L$/, ''));
  if (parts.at(-1) === '') parts.pop(); // as in (5,)
  const shape = parts.map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (parts.some((part) => !/^\d+$/.test(part)) || !Number.isSafeInteger(count * element.itemSize))
    throw new NpyError(`The shape (${shapeText.slice(0, 60)}) cannot be read. Write the file with numpy.save.`);
  const expected = dataOffset + count * element.itemSize;
  if (fileBytes < expected)
    throw new NpyError(`The file is cut off: shape (${shape.join(', ')}) needs ${expected} bytes, and it has ${fileBytes}. Copy it again.`);
  if (fileBytes > expected)
    throw new NpyError(
      `The file has ${fileBytes - expected} bytes more than shape (${shape.join(', ')}) needs. Save one array in each file.`,
    );
  return { ...element, shape, dataOffset };
}

/** IEEE 754 half precision: sign, five bits of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

/** The elements of a piece of the file's data, which must hold whole elements. */
export function readNpyElements(
  bytes: Uint8Array,
  { itemSize, littleEndian, kind }: Pick<NpyHeader, 'itemSize' | 'kind' | 'littleEndian'>,
): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float64Array(bytes.byteLength / itemSize);
  for (let i = 0; i < values.length; i++) {
    const at = i * itemSize;
    if (kind !== 'f') values[i] = integerAt(view, at, itemSize, littleEndian, kind === 'i');
    else if (itemSize === 2) values[i] = halfToNumber(view.getUint16(at, littleEndian));
    else values[i] = itemSize === 4 ? view.getFloat32(at, littleEndian) : view.getFloat64(at, littleEndian);
  }
  return values;
}

function integerAt(view: DataView, at: number, size: NpyHeader['itemSize'], littleEndian: boolean, isSigned: boolean): number {
  if (size === 1) return isSigned ? view.getInt8(at) : view.getUint8(at);
  if (size === 2) return isSigned ? view.getInt16(at, littleEndian) : view.getUint16(at, littleEndian);
  if (size === 4) return isSigned ? view.getInt32(at, littleEndian) : view.getUint32(at, littleEndian);
  return Number(isSigned ? view.getBigInt64(at, littleEndian) : view.getBigUint64(at, littleEndian));
}
