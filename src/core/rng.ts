/**
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., SC 2011, doi:10.1145/2063384.2063405). A number is a function of key
 * and counter alone, so every engine, every order and every packing of runs draws the same bits. WGSL: shaders/shared/rng.wgsl.
 */

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const weyl0 = 0x9e3779b9;
const weyl1 = 0xbb67ae85;

/** Upper 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + Math.floor((aLow * bLow) / 65536); // below 2^32: exact
  const carried = aLow * bHigh + (middle % 65536);
  return (aHigh * bHigh + Math.floor(middle / 65536) + Math.floor(carried / 65536)) >>> 0;
}

/** Four random words from a counter of four words and a key of two. */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = multiplyHigh(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2);
    const low0 = Math.imul(multiplier0, c0) >>> 0;
    const low1 = Math.imul(multiplier1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + weyl0) >>> 0;
    k1 = (k1 + weyl1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Uniform on [0, 1) with 24 bits: the same number in float32 and in float64. */
export const toUniform = (word: number): number => (word >>> 8) * 2 ** -24;

/** What random numbers are drawn for; each purpose has a key of its own under one seed. */
export const streams = {
  initialNoise: 1,
  miniBatches: 2,
  data: 3,
  sampling: 4,
  toys: 5,
  verdicts: 6,
  opponents: 7,
  ownSamples: 8,
} as const;

/** Random numbers of one seed and one purpose, in order. */
export class RandomStream {
  readonly #key: readonly [number, number];
  #block: readonly number[] = [];
  #blocks = 0;
  #used = 4;
  #spareNormal: number | null = null;

  constructor(seed: number, stream: number) {
    this.#key = [seed >>> 0, stream >>> 0];
  }

  /** A whole number below 2^32. */
  word(): number {
    if (this.#used === 4) {
      this.#block = philox4x32([this.#blocks++ >>> 0, 0, 0, 0], this.#key);
      this.#used = 0;
    }
    return this.#block[this.#used++] ?? 0;
  }

  /** On [0, 1). */
  uniform(): number {
    return toUniform(this.word());
  }

  /** A whole number from 0 to n - 1, without bias: words in the incomplete last interval are drawn again. */
  below(n: number): number {
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const word = this.word();
      if (word < limit) return word % n;
    }
  }

  /** Standard normal, by Box and Muller's transform. */
  normal(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) * 2 ** -32)); // the argument is above 0
    const angle = 2 * Math.PI * this.word() * 2 ** -32;
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** An index drawn with the given probabilities (they need not sum to 1). */
  categorical(weights: ArrayLike<number>): number {
    let total = 0;
    for (let i = 0; i < weights.length; i++) total += weights[i] ?? 0;
    let rest = this.uniform() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i] ?? 0;
      if (weight <= 0) continue;
      if (rest < weight) return i;
      rest -= weight;
      last = i;
    }
    return last;
  }

  /** 0 ... n - 1 in random order (Fisher and Yates). */
  permutation(n: number): number[] {
    const order = Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
    }
    return order;
  }
}
