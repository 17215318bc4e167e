import { nextTurn, type ReadOptions } from '../read-records.ts';
import { NPY_HEADER_BYTES, NpyError, type NpyHeader, parseNpyHeader, readNpyElements } from './npy.ts';

/** CHES of pairs from the hidden states of the reader's own model. */
export interface HiddenChes {
  /** [n] ⟨s_w, s_l⟩ - ‖s_w‖² (arXiv:2410.08847, Definition 2) */
  ches: Float64Array;
  /** [n] the same with both sums divided by their lengths (Definition 3); null for summed states, whose lengths are not in the file */
  normalised: Float64Array | null;
  /** [n] ‖s_w‖² */
  squares: Float64Array;
  /** [n] ‖s_w - s_l‖, how far apart the sums are */
  distance: Float64Array;
  /** [n] tokens of each response; null for summed states */
  lengths: { chosen: Float64Array; rejected: Float64Array } | null;
  /** length of a hidden state */
  dimensions: number;
}

/** Bytes read at a time, of each file. */
const PIECE_BYTES = 1 << 20;
/** Most bytes of one pair's states: they are in memory whole, as float64. */
const MAX_PAIR_BYTES = 1 << 28;
/** Most pairs: what is kept of each takes 48 bytes. */
const MAX_PAIRS = 2_000_000;

interface OpenArray {
  readonly side: 'chosen' | 'rejected';
  readonly file: Blob;
  readonly header: NpyHeader;
  /** positions of a response; 1 for summed states */
  readonly positions: number;
  /** bytes of one pair */
  readonly stride: number;
}

async function openArray(side: OpenArray['side'], file: Blob): Promise<OpenArray> {
  try {
    const head = new Uint8Array(await file.slice(0, NPY_HEADER_BYTES).arrayBuffer());
    const header = parseNpyHeader(head, file.size);
    const { shape, itemSize } = header;
    if (shape.length !== 2 && shape.length !== 3)
      throw new NpyError(
        `Its shape is (${shape.join(', ').slice(0, 60)}). Save [pairs, dimensions] sums, or [pairs, positions, dimensions] states.`,
      );
    if (shape.includes(0)) throw new NpyError(`Its shape (${shape.join(', ')}) holds nothing.`);
    const dimensions = shape.at(-1) ?? 0;
    const positions = shape.length === 3 ? (shape[1] ?? 0) : 1;
    const stride = positions * dimensions * itemSize;
    if (stride > MAX_PAIR_BYTES)
      throw new NpyError(
        `One pair of it has ${Math.ceil(stride / 1e6)} MB; at most ${Math.floor(MAX_PAIR_BYTES / 1e6)} MB are read. Save sums over the tokens: [pairs, dimensions].`,
      );
    if ((shape[0] ?? 0) > MAX_PAIRS)
      throw new NpyError(`It holds ${shape[0]} pairs; at most ${MAX_PAIRS} are read. Save fewer of them, or check that pairs come first.`);
    return { side, file, header, positions, stride };
  } catch (error) {
    throw error instanceof NpyError ? new NpyError(`The ${side} array: ${error.message}`) : error;
  }
}

/** s and the number of positions that are not padding, of one pair. */
function sumStates(values: Float64Array, start: number, { side, positions }: OpenArray, dimensions: number, pair: number) {
  const sum = new Float64Array(dimensions);
  let length = 0;
  for (let t = 0; t < positions; t++) {
    let isPadding = true;
    for (let k = 0; k < dimensions; k++) {
      const value = values[start + t * dimensions + k] ?? Number.NaN;
      if (!Number.isFinite(value))
        throw new NpyError(`The ${side} array: pair ${pair + 1}, position ${t + 1} holds ${value}. Every state must be finite.`);
      if (value !== 0) isPadding = false;
      sum[k] = (sum[k] ?? 0) + value;
    }
    if (!isPadding) length++;
  }
  if (length === 0) throw new NpyError(`The ${side} array: pair ${pair + 1} is all zero. A response has at least one position.`);
  return { sum, length };
}

/**
 * CHES of each pair from two .npy files with the last layer's hidden states, float16, float32 or float64 in C order: either both
 * [n, positions, d], one state a token, padded with zero vectors; or both [n, d], the sums s over a response's tokens. State k is the one
 * that token k is predicted from: the first stands at the prompt's last token, and none stands at the response's last. Both files are
 * read side by side, about a mebibyte at a time.
 *
 * @throws NpyError where a file cannot be used, or the two do not belong together
 */
export async function readHiddenChes(
  files: { readonly chosen: Blob; readonly rejected: Blob },
  { signal, onProgress, yieldNow = nextTurn }: ReadOptions = {},
): Promise<HiddenChes> {
  signal?.throwIfAborted();
  const chosen = await openArray('chosen', files.chosen);
  const rejected = await openArray('rejected', files.rejected);
  const shapes = `chosen is (${chosen.header.shape.join(', ')}), rejected (${rejected.header.shape.join(', ')})`;
  const dimensions = chosen.header.shape.at(-1) ?? 0;
  if (chosen.header.shape.length !== rejected.header.shape.length)
    throw new NpyError(`The arrays do not belong together: ${shapes}. Save both as sums, or both as states.`);
  if (chosen.header.shape[0] !== rejected.header.shape[0] || dimensions !== rejected.header.shape.at(-1))
    throw new NpyError(`The arrays do not belong together: ${shapes}. Pairs and dimensions must be equal.`);
  const n = chosen.header.shape[0] ?? 0;
  const perToken = chosen.header.shape.length === 3;
  const result = {
    ches: new Float64Array(n),
    normalised: perToken ? new Float64Array(n) : null,
    squares: new Float64Array(n),
    distance: new Float64Array(n),
    lengths: perToken ? { chosen: new Float64Array(n), rejected: new Float64Array(n) } : null,
    dimensions,
  };

  const readPairs = async ({ file, header, stride }: OpenArray, first: number, end: number): Promise<Float64Array> => {
    const { dataOffset } = header;
    const bytes = await file.slice(dataOffset + first * stride, dataOffset + end * stride).arrayBuffer();
    return readNpyElements(new Uint8Array(bytes), header);
  };
  const atOnce = Math.max(1, Math.floor(PIECE_BYTES / Math.max(chosen.stride, rejected.stride)));
  for (let first = 0; first < n; first += atOnce) {
    const end = Math.min(n, first + atOnce);
    const [chosenValues, rejectedValues] = [await readPairs(chosen, first, end), await readPairs(rejected, first, end)];
    signal?.throwIfAborted();
    for (let pair = first; pair < end; pair++) {
      const w = sumStates(chosenValues, (pair - first) * chosen.positions * dimensions, chosen, dimensions, pair);
      const l = sumStates(rejectedValues, (pair - first) * rejected.positions * dimensions, rejected, dimensions, pair);
      let [own, between, apart] = [0, 0, 0];
      for (let k = 0; k < dimensions; k++) {
        const [a, b] = [w.sum[k] ?? Number.NaN, l.sum[k] ?? Number.NaN];
        own += a * a;
        between += a * b;
        apart += (a - b) ** 2;
      }
      result.ches[pair] = between - own;
      result.squares[pair] = own;
      result.distance[pair] = Math.sqrt(apart);
      if (!result.normalised || !result.lengths) continue;
      result.normalised[pair] = between / (w.length * l.length) - own / w.length ** 2;
      result.lengths.chosen[pair] = w.length;
      result.lengths.rejected[pair] = l.length;
    }
    onProgress?.((end / n) * (files.chosen.size + files.rejected.size), files.chosen.size + files.rejected.size);
    await yieldNow();
  }
  return result;
}
