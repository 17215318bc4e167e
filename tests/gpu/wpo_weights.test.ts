import { expect, test } from 'vitest';
import { statsOf } from './row-stats.ts';
import { normalNumbers, smallestNormal } from './rows.ts';
import { makeSequences } from './sequences.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { openTwins } from './twins.ts';

const onBoth = openTwins();

function makeBatch(sequences: number, positions: number, columns: number) {
  const { logits, tokens, mask } = makeSequences(sequences, positions, columns, sequences + columns);
  return { logits, tokens, mask, stats: statsOf(logits, columns), scores: new Float32Array(2 * sequences).fill(7) };
}

/**
 * How far float32 may be from a sequence's mean of log π(y) - log Σ π². A log-prob carries two roundings; log Σ e^(2 log π) is off by
 * those of its terms in the shares that they have, by one more for each argument, by 8 roundoffs for each of the V exponentials and
 * sums that follow one another, and by 3 ULP of its logarithm; then come three sums and the quotient.
 */
function boundOf({ logits, tokens, mask, stats }: ReturnType<typeof makeBatch>, positions: number, columns: number) {
  const u = float32Roundoff;
  return (sequence: number) => {
    let [bound, size, counted] = [0, 0, 0];
    for (let row = sequence * positions; row < (sequence + 1) * positions; row++) {
      if (!mask[row]) continue;
      counted++;
      const logp = (v: number) => {
        const below = (logits[row * columns + v] as number) - (stats[2 * row] as number);
        const value = below - (stats[2 * row + 1] as number);
        return { value, error: u * (Math.abs(below) + Math.abs(value)) };
      };
      const all = Array.from({ length: columns }, (_, v) => logp(v));
      const squares = all.reduce((sum, { value }) => sum + Math.exp(2 * value), 0);
      const peak = Math.max(...all.map(({ value }) => value));
      let ofSum = 8 * columns * u;
      for (const { value, error } of all) {
        if (value === Number.NEGATIVE_INFINITY) continue;
        ofSum += (Math.exp(2 * value) / squares) * (2 * error + 2 * u * (peak - value));
      }
      const own = logp(tokens[row] as number);
      const rest = Math.log(squares) - 2 * peak;
      const term = own.value - Math.log(squares);
      bound += own.error + ofSum + 6 * u * rest + u * (Math.abs(own.value - 2 * peak) + Math.abs(term));
      size += Math.abs(term);
    }
    return (bound + (positions + 5) * u * size) / Math.max(1, counted) + smallestNormal;
  };
}

test.each([
  [1, 1, 1],
  [3, 1, 2],
  [70, 5, 12],
  [65, 2, 1],
  [5, 31, 130],
  [2, 3, 4096],
])('scores of %i sequences of %i positions over %i tokens', async (sequences, positions, columns) => {
  const batch = makeBatch(sequences, positions, columns);
  // a sequence that counts nothing scores 0
  if (sequences > 2) batch.mask.fill(0, 2 * positions, 3 * positions);
  // tokens that cannot occur
  if (columns > 4)
    for (let row = 0; row < positions; row++) if (batch.mask[row]) batch.logits[row * columns + 3] = Number.NEGATIVE_INFINITY;
  batch.tokens[0] = 0;
  batch.stats = statsOf(batch.logits, columns);
  for (const side of ['chosen', 'rejected'] as const) {
    const { gpu, cpu } = await onBoth(batch, (kernels, storages) =>
      kernels.wpoScores({ sequences, positions, columns, side, ...storages }),
    );
    const [own, other] = side === 'chosen' ? [0, sequences] : [sequences, 0];
    const bound = boundOf(batch, positions, columns);
    expectWithin(gpu.scores, cpu.scores, (i) => (i >= own && i < own + sequences ? bound(i - own) : 0), side);
    expect(Array.from(gpu.scores).slice(other, other + sequences)).toEqual(new Array(sequences).fill(7));
    if (sequences > 2) expect(gpu.scores[own + 2]).toBe(0);
  }
});

test('an undefined counted row makes its sequence undefined, and no other', async () => {
  const batch = makeBatch(66, 3, 4);
  const row = 3 * 65 + 2;
  batch.mask[row] = 1;
  batch.tokens[row] = 1;
  batch.stats.fill(Number.NaN, 2 * row, 2 * row + 2);
  const { gpu } = await onBoth(batch, (kernels, storages) =>
    kernels.wpoScores({ sequences: 66, positions: 3, columns: 4, side: 'chosen', ...storages }),
  );
  expect(Array.from(gpu.scores).flatMap((x, i) => (Number.isNaN(x) ? [i] : []))).toEqual([65]);
});

test.each([1, 64, 129])('weights of %i pairs, in one column of their inputs', async (pairs) => {
  const normal = normalNumbers(pairs);
  // pair after pair from ordinary weights to such as overflow and vanish
  const scores = Float32Array.from({ length: 2 * pairs }, (_, i) => (1 + (i % pairs)) * normal());
  const pairInputs = new Float32Array(3 * pairs).fill(7);
  const { gpu, cpu } = await onBoth({ scores, pairInputs }, (kernels, storages) =>
    kernels.wpoPairs({ pairs, columns: 3, column: 2, ...storages }),
  );
  const expected = Array.from(cpu.pairInputs, (x) => (x > 3.4028235e38 ? Number.POSITIVE_INFINITY : x));
  // the sum rounds by |sum| roundoffs, and e^x is within 2 ULP; below e^-87 it is 0
  const bound = (i: number) => (4 + 1.01 * Math.abs(Math.log(expected[i] as number))) * float32Roundoff * (expected[i] as number);
  expectWithin(gpu.pairInputs, expected, (i) => Math.max(Math.exp(-87), i % 3 === 2 ? bound(i) : 0));
  if (pairs > 100) {
    expect(expected.some((x) => x === Number.POSITIVE_INFINITY)).toBe(true);
    expect(expected.some((x) => x < Math.exp(-87))).toBe(true);
  }
});

test('an undefined score leaves its own pair undefined', async () => {
  for (const lost of [65, 66 + 65]) {
    const scores = new Float32Array(2 * 66);
    scores[lost] = Number.NaN;
    const { gpu } = await onBoth({ scores, pairInputs: new Float32Array(66) }, (kernels, storages) =>
      kernels.wpoPairs({ pairs: 66, columns: 1, column: 0, ...storages }),
    );
    expectWithin(gpu.pairInputs, [...new Array<number>(65).fill(1), Number.NaN], () => 0);
  }
});
