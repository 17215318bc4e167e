import { describe, expect, test } from 'vitest';
import type { RowWish } from '../../src/backend/backend.ts';
import { normalNumbers, smallestNormal } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { openTwins } from './twins.ts';

const onBoth = openTwins();
const directions = ['forward', 'reverse', 'jensen'] as const;
/** of Jensen–Shannon */
const beta = 0.3;

/** Ways to spread rows over invocations; the longest rows that some of them take. */
const ways: { name: string; wish: RowWish; longest: number }[] = [
  { name: 'its own choice', wish: {}, longest: Number.POSITIVE_INFINITY },
  ...[false, true].flatMap((subgroups) => {
    const how = subgroups ? 'with subgroups' : 'without subgroups';
    return [
      { name: `held by a workgroup ${how}`, wish: { strategy: 'held_workgroup', subgroups } as const, longest: 8192 },
      { name: `a workgroup a row ${how}`, wish: { strategy: 'workgroup', subgroups } as const, longest: Number.POSITIVE_INFINITY },
    ];
  }),
];

/** Additions in the longest chain of a sum: of all entries, or of a lane's and then of the lanes, in a tree or by subgroups of at least four. */
const chainOf = (columns: number, { strategy }: RowWish) => Math.min(columns, strategy ? Math.ceil(columns / 128) + 6 * 8 : columns);

/** Rows of log-probs; a temperature of 0.02 leaves most of a row below the smallest number. */
function logProbs(rows: number, columns: number, temperature: number, seed: number): Float32Array {
  const normal = normalNumbers(seed);
  const all = new Float32Array(rows * columns);
  for (let first = 0; first < all.length; first += columns) {
    const logits = Array.from({ length: columns }, () => normal() / temperature);
    const peak = Math.max(...logits);
    const total = peak + Math.log(logits.reduce((sum, x) => sum + Math.exp(x - peak), 0));
    all.set(
      logits.map((x) => Math.min(0, x - total)),
      first,
    );
  }
  return all;
}

const at = (values: Float32Array, i: number) => values[i] as number;

/**
 * How far float32 may be from gradient and divergence. e^x carries 2 ULP = 4u of its own and is 0 below e^-87; a gap, a product and
 * each of the additions of a chain round once.
 */
function bounds(
  direction: (typeof directions)[number],
  columns: number,
  logP: Float32Array,
  logQ: Float32Array,
  divergences: ArrayLike<number>,
  chain: number,
) {
  const u = float32Roundoff;
  const flushed = Math.exp(-87);
  if (direction === 'jensen') return jensenBounds(columns, logP, logQ, chain);
  const weights = direction === 'reverse' ? logP : logQ;
  const ofDivergence = Array.from({ length: logP.length / columns }, (_, row) => {
    let bound = 0;
    for (let v = row * columns; v < (row + 1) * columns; v++) {
      const gap = Math.abs(at(logP, v) - at(logQ, v));
      if (Number.isFinite(gap)) bound += (Math.exp(at(weights, v)) * (6 + chain) * u + flushed) * gap + smallestNormal;
    }
    return bound;
  });
  const ofGradient = (i: number) => {
    const row = Math.floor(i / columns);
    const [p, q, gap] = [Math.exp(at(logP, i)), Math.exp(at(logQ, i)), at(logP, i) - at(logQ, i)];
    if (direction === 'forward') return u * (4 * p + 4 * q + Math.abs(p - q)) + 2 * flushed;
    if (!Number.isFinite(gap)) return smallestNormal;
    const rest = Math.abs(gap - (divergences[row] as number));
    const carried = u * Math.abs(gap) + (ofDivergence[row] as number);
    return p * (carried + 6 * u * (rest + carried)) + flushed * rest + smallestNormal;
  };
  return { ofDivergence: (row: number) => ofDivergence[row] as number, ofGradient };
}

/**
 * The same of Jensen–Shannon. The log of a share is a constant and softplus of four numbers' sum, each of which rounds, and softplus
 * within 8u of itself; a share lies within log of its weight and the gap.
 */
function jensenBounds(columns: number, logP: Float32Array, logQ: Float32Array, chain: number) {
  const u = float32Roundoff;
  const flushed = Math.exp(-87);
  const finite = (x: number) => (Number.isFinite(x) ? Math.abs(x) : 0);
  const size = (i: number) => finite(at(logP, i)) + finite(at(logQ, i)) + 4;
  const ofShare = (i: number) => 16 * u * size(i);
  const ofDivergence = Array.from({ length: logP.length / columns }, (_, row) => {
    let bound = smallestNormal;
    for (let v = row * columns; v < (row + 1) * columns; v++)
      bound += (Math.exp(at(logP, v)) + Math.exp(at(logQ, v))) * ((8 + chain) * u * size(v) + ofShare(v)) + 2 * flushed * size(v);
    return bound;
  });
  const ofGradient = (i: number) => {
    const sum = ofDivergence[Math.floor(i / columns)] as number;
    return Math.exp(at(logP, i)) * (ofShare(i) + sum + 8 * u * (size(i) + 4)) + flushed * size(i) + smallestNormal;
  };
  return { ofDivergence: (row: number) => ofDivergence[row] as number, ofGradient };
}

async function compute(direction: (typeof directions)[number], columns: number, logP: Float32Array, logQ: Float32Array, wish: RowWish) {
  const rows = logP.length / columns;
  const arrays = {
    logProbs: logP,
    targetLogProbs: logQ,
    gradient: new Float32Array(logP.length + 1).fill(7),
    divergences: new Float32Array(rows + 1).fill(7),
  };
  const { gpu, cpu } = await onBoth(arrays, (kernels, storages) =>
    kernels.klGradient({ rows, columns, direction, beta, ...storages, ...wish }),
  );
  const { ofDivergence, ofGradient } = bounds(direction, columns, logP, logQ, cpu.divergences, chainOf(columns, wish));
  expectWithin(gpu.divergences, cpu.divergences, (row) => (row < rows ? ofDivergence(row) : 0), `${direction}, divergences`);
  expectWithin(gpu.gradient, cpu.gradient, (i) => (i < logP.length ? ofGradient(i) : 0), `${direction}, gradient`);
  return gpu;
}

describe.each(ways)('$name', ({ wish, longest }) => {
  const run = (direction: (typeof directions)[number], columns: number, logP: Float32Array, logQ: Float32Array) =>
    compute(direction, columns, logP, logQ, wish);

  test.each(directions.flatMap((direction) => [1, 2, 7, 64, 300].map((columns) => [direction, columns] as const)))(
    '%s, rows of %i',
    async (direction, columns) => {
      for (const [rows, temperature, other] of [
        [1, 1, 1],
        [70, 1, 0.5],
        [65, 0.02, 1],
        [65, 1, 0.02],
        [3, 0.02, 0.02],
      ] as const)
        await run(direction, columns, logProbs(rows, columns, temperature, columns), logProbs(rows, columns, other, columns + 1));
    },
  );

  test.each(['forward', 'reverse'] as const)('%s from a distribution to itself is exactly 0', async (direction) => {
    const same = logProbs(66, 9, 0.3, 4);
    const { gradient, divergences } = await run(direction, 9, same, same);
    expect([...Array.from(gradient).slice(0, same.length), ...Array.from(divergences).slice(0, 66)].every((x) => x === 0)).toBe(true);
  });

  test.each(directions)('%s: what cannot occur under either adds nothing', async (direction) => {
    const [p, q] = [logProbs(70, 5, 1, 8), logProbs(70, 5, 1, 9)];
    for (let row = 0; row < 70; row++) for (const side of [p, q]) side[5 * row + (row % 5)] = Number.NEGATIVE_INFINITY;
    const { gradient, divergences } = await run(direction, 5, p, q);
    expect(Array.from(divergences).every(Number.isFinite)).toBe(true);
    expect(Array.from({ length: 70 }, (_, row) => gradient[5 * row + (row % 5)])).toEqual(new Array(70).fill(0));
  });

  test('forward: the target asks for what the policy cannot do, in one row', async () => {
    const [p, q] = [logProbs(3, 4, 1, 2), logProbs(3, 4, 1, 3)];
    p[4 + 2] = Number.NEGATIVE_INFINITY;
    const { divergences } = await run('forward', 4, p, q);
    expect(Array.from(divergences).map(Number.isFinite)).toEqual([true, false, true, true]);
  });

  test.each(directions)('%s: one undefined log-prob leaves its own row undefined, and no other', async (direction) => {
    for (const lost of [0, 1]) {
      const sides = [logProbs(3, 4, 1, 2), logProbs(3, 4, 1, 3)] as const;
      sides[lost]?.set([Number.NaN], 4 + 2);
      sides[1 - lost]?.set([Number.NEGATIVE_INFINITY], 4 + 2);
      const { gradient, divergences } = await run(direction, 4, ...sides);
      expect(Array.from(divergences).map(Number.isNaN)).toEqual([false, true, false, false]);
      expect(Array.from(gradient).map(Number.isNaN)).toEqual(Array.from({ length: 13 }, (_, i) => i >= 4 && i < 8));
    }
  });

  // Around the rows that workgroups of 128 and of 256 lanes hold, and the longest; one of them ends within a lane's entries.
  const widths = [128, 129, 2047, 4097, 8191, 8192, 8193].filter((columns) => columns <= longest);
  test.each(directions.flatMap((direction) => widths.map((columns) => [direction, columns] as const)))(
    '%s, long rows of %i',
    async (direction, columns) => {
      const [p, q] = [logProbs(3, columns, 1, columns), logProbs(3, columns, 0.5, columns + 1)];
      for (const side of [p, q]) side[columns + 5] = Number.NEGATIVE_INFINITY;
      p[3 * columns - 1] = Number.NaN; // the last entry of the last row
      await run(direction, columns, p, q);
    },
  );
});
