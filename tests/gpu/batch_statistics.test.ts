import { expect, test } from 'vitest';
import type { RankedValues } from '../../src/backend/backend.ts';
import { normalNumbers, uniformNumbers } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { openTwins } from './twins.ts';

const onBoth = openTwins();
const exactly = () => 0;
const ranked: readonly RankedValues[] = ['chosen log-ratio', 'rejected log-ratio', 'policy margin', 'reference margin'];
const sizes = [1, 2, 63, 64, 65, 200];

/** A batch whose log-probs are multiples of `unit`; 0: any numbers. */
function makeBatch(pairs: number, unit: number, shift = 0) {
  const normal = normalNumbers(pairs);
  const value = () => (unit > 0 ? unit * Math.round((3 * normal()) / unit) : 3 * normal());
  return {
    chosenLogps: Float32Array.from({ length: pairs }, () => value() - 6),
    rejectedLogps: Float32Array.from({ length: pairs }, () => value() - 6),
    references: Float32Array.from({ length: 2 * pairs }, () => value() - 6 + shift),
  };
}

const write = { columns: 3, column: 1 };
const inputsOf = (pairs: number) => new Float32Array(3 * pairs).fill(7);
/** 7 but in the column that is written */
const inColumn = (values: ArrayLike<number>) =>
  Float64Array.from({ length: 3 * values.length }, (_, i) => (i % 3 === 1 ? (values[(i - 1) / 3] as number) : 7));

// Differences of such quarters are exact in float32, so that every rank is that of the twin, and many values are equal.
test.each(sizes)('%i pairs with ties: sorted, and each pair given the value of its rank', async (pairs) => {
  const next = uniformNumbers(pairs);
  for (const values of ranked) {
    const arrays = {
      ...makeBatch(pairs, 0.25),
      sorted: new Float32Array(pairs + 1).fill(7),
      others: Float32Array.from({ length: pairs }, next),
      pairInputs: inputsOf(pairs),
    };
    const { gpu, cpu } = await onBoth(arrays, (kernels, { sorted, others, pairInputs, ...logps }) => {
      kernels.sortBatch({ pairs, ...logps, values, sorted });
      kernels.sameRank({ pairs, ...logps, ...write, values, sorted: others, pairInputs });
    });
    expectWithin(gpu.sorted, cpu.sorted, exactly, `${values}, sorted`);
    expectWithin(gpu.pairInputs, cpu.pairInputs, exactly, `${values}, ranks`);
    const rising = [...Array.from(gpu.sorted).slice(0, pairs)].sort((a, b) => a - b);
    expectWithin(gpu.sorted, [...rising, 7], exactly, values);
    // each of the other values goes to one pair: equal values have ranks of their own
    const given = Array.from(gpu.pairInputs).filter((_, i) => i % 3 === 1);
    expect(given.sort()).toEqual([...arrays.others].sort());
  }
});

test('values that are not numbers stand above all others, and each pair keeps a rank of its own', async () => {
  const pairs = 130;
  for (const values of ranked) {
    const arrays = {
      ...makeBatch(pairs, 0.25),
      sorted: new Float32Array(pairs).fill(7),
      others: Float32Array.from({ length: pairs }, (_, rank) => rank),
      pairInputs: inputsOf(pairs),
    };
    for (const pair of [3, 70, 129]) {
      arrays.chosenLogps[pair] = Number.NaN;
      arrays.rejectedLogps[pair] = Number.NaN;
      arrays.references[2 * pair] = Number.NaN;
    }
    const { gpu, cpu } = await onBoth(arrays, (kernels, { sorted, others, pairInputs, ...logps }) => {
      kernels.sortBatch({ pairs, ...logps, values, sorted });
      kernels.sameRank({ pairs, ...logps, ...write, values, sorted: others, pairInputs });
    });
    for (const { sorted, pairInputs } of [gpu, cpu]) {
      const numbers = Array.from(sorted).slice(0, pairs - 3);
      expect(numbers, values).toEqual(numbers.toSorted((a, b) => a - b));
      expect(Array.from(sorted).slice(pairs - 3), values).toEqual([Number.NaN, Number.NaN, Number.NaN]);
      const ranks = Array.from(pairInputs).filter((_, i) => i % 3 === 1);
      expect(
        ranks.toSorted((a, b) => a - b),
        values,
      ).toEqual([...arrays.others]);
      expect([ranks[3], ranks[70], ranks[129]], values).toEqual([pairs - 3, pairs - 2, pairs - 1]);
    }
  }
});

/** Sum of all log-ratios, and how far a float32 sum may be from it: two differences a pair, and two additions of at most the sum of sizes. */
function logratioSum({ chosenLogps, rejectedLogps, references }: ReturnType<typeof makeBatch>) {
  const ratios = [...references].map((reference, i) => ((i % 2 ? rejectedLogps : chosenLogps)[i >> 1] as number) - reference);
  const size = ratios.reduce((sum, ratio) => sum + Math.abs(ratio), 0);
  return { total: ratios.reduce((sum, ratio) => sum + ratio, 0), error: (ratios.length + 1) * float32Roundoff * size };
}

test.each(sizes.flatMap((pairs) => [-20, 0, 20].map((shift) => [pairs, shift] as const)))(
  'mean log-ratio of %i pairs, references moved by %i, at least 0',
  async (pairs, shift) => {
    const batch = makeBatch(pairs, 0, shift);
    const { gpu, cpu } = await onBoth({ ...batch, pairInputs: inputsOf(pairs) }, (kernels, storages) =>
      kernels.klBaseline({ pairs, ...write, ...storages }),
    );
    const { total, error } = logratioSum(batch);
    const mean = total / (2 * pairs);
    // a quotient is within 2.5 ULP = 5 roundoffs
    const bound = error / (2 * pairs) + 5 * float32Roundoff * Math.abs(mean);
    expectWithin(gpu.pairInputs, cpu.pairInputs, () => bound);
    expectWithin(gpu.pairInputs, inColumn(new Array<number>(pairs).fill(Math.max(0, mean))), () => bound);
    if (shift > 0) expect(gpu.pairInputs[1]).toBe(0);
    if (shift < 0) expect(gpu.pairInputs[1]).toBeGreaterThan(19 - 12);
  },
);

test.each(
  sizes.flatMap((pairs) => [[0, 0] as const, [-1.5, 2 * pairs] as const, [0.7, 1e6] as const].map((before) => [pairs, before] as const)),
)('running mean of %i pairs after (mean, count) = %j', async (pairs, [mean, count]) => {
  const batch = makeBatch(pairs, 0);
  const arrays = { ...batch, running: Float32Array.of(mean, count), nextRunning: new Float32Array(3).fill(7), pairInputs: inputsOf(pairs) };
  const { gpu, cpu } = await onBoth(arrays, (kernels, storages) => kernels.runningMean({ pairs, ...write, ...storages }));
  const { total, error } = logratioSum(batch);
  const before = Math.fround(mean);
  const added = 2 * pairs;
  const [next, step] = [cpu.nextRunning[0] as number, (total - added * before) / (count + added)];
  // product and difference before the quotient, the quotient, and the last sum
  const rounding = added * Math.abs(before) + Math.abs(total - added * before);
  const bound = (error + float32Roundoff * rounding) / (count + added) + float32Roundoff * (5 * Math.abs(step) + Math.abs(next));
  expectWithin(gpu.nextRunning, [next, count + added, 7], (i) => (i === 0 ? bound : 0), 'next');
  expectWithin(gpu.pairInputs, cpu.pairInputs, () => bound, 'inputs');
  expectWithin(gpu.pairInputs, inColumn(new Array<number>(pairs).fill(gpu.nextRunning[0] as number)), exactly, 'every pair');
});

test('an undefined log-prob leaves no mean', async () => {
  const batch = makeBatch(70, 0);
  batch.rejectedLogps[66] = Number.NaN;
  const arrays = { ...batch, running: Float32Array.of(1, 2), nextRunning: new Float32Array(2), baseline: inputsOf(70), mean: inputsOf(70) };
  const { gpu } = await onBoth(arrays, (kernels, { baseline, mean, ...task }) => {
    kernels.klBaseline({ pairs: 70, ...write, ...task, pairInputs: baseline });
    kernels.runningMean({ pairs: 70, ...write, ...task, pairInputs: mean });
  });
  const undefined_ = inColumn(new Array<number>(70).fill(Number.NaN));
  expectWithin(gpu.baseline, undefined_, exactly, 'baseline');
  expectWithin(gpu.mean, undefined_, exactly, 'running mean');
});
