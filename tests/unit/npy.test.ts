import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/rng.ts';
import { readHiddenChes } from '../../src/data/open/hidden-ches.ts';
import { NpyError, parseNpyHeader, readNpyElements } from '../../src/data/open/npy.ts';

interface Written {
  version?: 1 | 2 | 3;
  descr?: string;
  fortran?: string;
  shape?: string;
}

/** A file as numpy.save writes it: the header padded with spaces to a multiple of 64 bytes, a line break last. */
function npy(
  values: readonly number[],
  shape: readonly number[],
  { version = 1, descr = "'<f4'", fortran = 'False', ...rest }: Written = {},
) {
  const shapeText = rest.shape ?? (shape.length === 1 ? `${shape[0]},` : shape.join(', '));
  const start = version === 1 ? 10 : 12;
  const dictionary = `{'descr': ${descr}, 'fortran_order': ${fortran}, 'shape': (${shapeText}), }`;
  const text = `${dictionary.padEnd(Math.ceil((start + dictionary.length + 1) / 64) * 64 - start - 1)}\n`;
  const size = Number(descr.at(-2));
  const itemSize = size === 8 || size === 2 ? size : 4;
  const bytes = new Uint8Array(start + text.length + values.length * itemSize);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(new TextEncoder().encode(text), start);
  for (const [i, value] of values.entries()) {
    const at = start + text.length + i * itemSize;
    const little = !descr.includes('>');
    if (itemSize === 8) view.setFloat64(at, value, little);
    else if (itemSize === 4) view.setFloat32(at, value, little);
    else view.setUint16(at, value, little); // halves are given by their bits
  }
  return bytes;
}

const header = (bytes: Uint8Array) => parseNpyHeader(bytes, bytes.length);

describe('.npy', () => {
  it.each([1, 2, 3] as const)('reads version %i', (version) => {
    const bytes = npy([1, -2.5, 3, 4, 5, 6], [2, 3], { version });
    const read = header(bytes);
    expect(read).toMatchObject({ shape: [2, 3], itemSize: 4, littleEndian: true });
    expect([...readNpyElements(bytes.subarray(read.dataOffset), read)]).toEqual([1, -2.5, 3, 4, 5, 6]);
  });

  it('reads doubles, big-endian numbers and halves', () => {
    const all = (bytes: Uint8Array) => [...readNpyElements(bytes.subarray(header(bytes).dataOffset), header(bytes))];
    expect(all(npy([Math.PI], [1], { descr: "'<f8'" }))).toEqual([Math.PI]);
    expect(all(npy([0.1], [1], { descr: "'>f8'" }))).toEqual([0.1]);
    // 1, -2, 65504 (the largest), 2^-24 (the smallest), ∞, NaN, -0
    const halves = npy([0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00, 0x7e00, 0x8000], [7], { descr: "'<f2'" });
    expect(all(halves)).toEqual([1, -2, 65504, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN, -0]);
  });

  it.each<[string, Uint8Array]>([
    ['Fortran order', npy([1, 2], [1, 2], { fortran: 'True' })],
    ['pickled Python objects', npy([1], [1], { descr: "'|O'" })],
    ["type is '<i4'", npy([1], [1], { descr: "'<i4'" })],
    ['bfloat16', npy([1], [1], { descr: "'|V2'" })],
    ['named fields', npy([1], [1], { descr: "[('a', '<f4')]" })],
    ['cut off', npy([1, 2], [3])],
    ['4 bytes more', npy([1, 2, 3, 4], [3])],
    ['header cannot be read', npy([1], [1], { shape: '1, -1' })],
    ['shape (1, 2, 99999999999999999)', npy([1], [1], { shape: '1, 2, 99999999999999999' })],
    ['ends inside its header', npy([1], [1]).subarray(0, 40)],
    ['version 9', npy([1], [1]).with(6, 9)],
    ['zip archive', Uint8Array.of(0x50, 0x4b, 3, 4)],
    ['no .npy file', new Uint8Array(0)],
    ['too many for a plain array', npy([1], [1], { version: 2 }).with(11, 9)],
  ])('refuses: %s', (message, bytes) => {
    expect(() => header(bytes)).toThrow(NpyError);
    expect(() => header(bytes)).toThrow(message);
  });

  it('1,000 damaged files are read or refused by name, never anything else', () => {
    const random = new RandomStream(5, 1);
    const whole = [npy([1, 2, 3, 4, 5, 6], [2, 3]), npy([1, 2, 3, 4], [1, 2, 2], { descr: "'<f8'", version: 2 })];
    let refused = 0;
    for (let i = 0; i < 1000; i++) {
      const bytes = (whole[i % 2] as Uint8Array).slice(0, random.uniform() < 0.3 ? Math.floor(random.uniform() * 150) : undefined);
      for (let change = 0; change < 1 + (i % 3); change++)
        if (bytes.length > 0) bytes[Math.floor(random.uniform() * bytes.length)] = random.word() & 0xff;
      try {
        const { shape, itemSize, dataOffset } = header(bytes);
        expect(dataOffset + shape.reduce((a, b) => a * b, 1) * itemSize).toBe(bytes.length);
      } catch (error) {
        expect(error).toBeInstanceOf(NpyError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });
});

describe('CHES from hidden states', () => {
  const blob = (bytes: Uint8Array<ArrayBuffer>) => new Blob([bytes]);
  const doubles = (values: readonly number[], shape: readonly number[]) => blob(npy(values, shape, { descr: "'<f8'" }));

  it('by hand: sums over tokens, zero vectors are padding', async () => {
    // s_w = (1, 2) + (3, 0) = (4, 2), two tokens; s_l = (1, 1), one token
    const { ches, normalised, lengths, distance } = await readHiddenChes({
      chosen: doubles([1, 2, 3, 0], [1, 2, 2]),
      rejected: doubles([1, 1, 0, 0, 0, 0], [1, 3, 2]),
    });
    expect([...ches]).toEqual([6 - 20]);
    expect([...(normalised ?? [])]).toEqual([6 / 2 - 20 / 4]);
    expect([...(lengths?.chosen ?? []), ...(lengths?.rejected ?? [])]).toEqual([2, 1]);
    expect(distance[0]).toBeCloseTo(Math.sqrt(10), 14);
    const summed = await readHiddenChes({ chosen: doubles([4, 2], [1, 2]), rejected: doubles([1, 1], [1, 2]) });
    expect([...summed.ches]).toEqual([-14]);
    expect(summed).toMatchObject({ normalised: null, lengths: null });
  });

  it('is the same from states and from their sums, whatever the piece they are read in', async () => {
    const sizes = fc.record({ n: fc.integer({ min: 1, max: 5 }), t: fc.integer({ min: 1, max: 4 }), d: fc.integer({ min: 1, max: 3 }) });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer(), async ({ n, t, d }, seed) => {
        const random = new RandomStream(seed >>> 0, 3);
        const states = () => Array.from({ length: n * t * d }, () => random.normal());
        const sums = (all: readonly number[]) =>
          Array.from({ length: n * d }, (_, i) => {
            const [pair, k] = [Math.floor(i / d), i % d];
            let sum = 0;
            for (let at = 0; at < t; at++) sum += all[(pair * t + at) * d + k] ?? 0;
            return sum;
          });
        const [chosen, rejected] = [states(), states()];
        const perToken = await readHiddenChes({ chosen: doubles(chosen, [n, t, d]), rejected: doubles(rejected, [n, t, d]) });
        const summed = await readHiddenChes({ chosen: doubles(sums(chosen), [n, d]), rejected: doubles(sums(rejected), [n, d]) });
        expect([...perToken.ches]).toEqual([...summed.ches]);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Blob, Blob]>([
    ['do not belong together', doubles([1, 2], [1, 2]), doubles([1, 2, 3, 4], [2, 2])],
    ['both as sums, or both as states', doubles([1, 2], [1, 2]), doubles([1, 2], [1, 1, 2])],
    ['The rejected array: Its shape is (2)', doubles([1, 2], [1, 2]), doubles([1, 2], [2])],
    ['The chosen array: pair 1, position 1 holds NaN', doubles([Number.NaN, 2], [1, 2]), doubles([1, 2], [1, 2])],
    ['The rejected array: pair 1 is all zero', doubles([1, 2], [1, 2]), doubles([0, 0], [1, 2])],
    ['The chosen array: The file is no .npy file', new Blob(['x']), doubles([1, 2], [1, 2])],
  ])('refuses: %s', async (message, chosen, rejected) => {
    await expect(readHiddenChes({ chosen, rejected })).rejects.toThrow(message);
  });

  it('can be cancelled', async () => {
    const abort = new AbortController();
    const big = doubles(new Array(400_000).fill(1), [1000, 400]);
    const reading = readHiddenChes({ chosen: big, rejected: big }, { signal: abort.signal, onProgress: () => abort.abort('enough') });
    await expect(reading).rejects.toBe('enough');
  });
});
