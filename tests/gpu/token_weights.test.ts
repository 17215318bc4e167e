import { expect, test } from 'vitest';
import { statsOf } from './row-stats.ts';
import { normalRows, smallestNormal, uniformNumbers } from './rows.ts';
import { makeSequences } from './sequences.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { openTwins } from './twins.ts';

const onBoth = openTwins();

/** Weights as LD-DPO's, among them 0 and 1; undefined where the position is not counted, and so must not be read. */
function makeWeighted(sequences: number, positions: number, columns: number) {
  const { logits, tokens, mask } = makeSequences(sequences, positions, columns, sequences + positions);
  const next = uniformNumbers(columns);
  const tokenWeights = Float32Array.from(mask, (counted, row) => (counted ? [0, 1, next()][row % 3] : undefined) ?? Number.NaN);
  const weightedLogps = new Float32Array(sequences + 1).fill(7);
  return { logits, tokens, mask, stats: statsOf(logits, columns), tokenWeights, weightedLogps };
}

/** Σ weight · log-prob with two roundings a log-prob, one a product and one an addition. */
function boundOf(batch: ReturnType<typeof makeWeighted>, positions: number, columns: number) {
  const { logits, tokens, mask, stats, tokenWeights } = batch;
  return (sequence: number) => {
    let [own, size] = [0, 0];
    for (let row = sequence * positions; row < Math.min(mask.length, (sequence + 1) * positions); row++) {
      if (!mask[row]) continue;
      const below = (logits[row * columns + (tokens[row] as number)] as number) - (stats[2 * row] as number);
      const logp = below - (stats[2 * row + 1] as number);
      const weight = Math.abs(tokenWeights[row] as number);
      own += weight * (Math.abs(below) + Math.abs(logp));
      size += weight * Math.abs(logp);
    }
    return float32Roundoff * (own + (positions + 1) * size) + positions * smallestNormal;
  };
}

test.each([
  [1, 1, 1],
  [3, 1, 7],
  [70, 5, 12],
  [65, 9, 4],
  [2, 300, 33],
])('weighted log-probs of %i sequences of %i positions over %i tokens', async (sequences, positions, columns) => {
  const batch = makeWeighted(sequences, positions, columns);
  const { gpu, cpu } = await onBoth(batch, (kernels, storages) => kernels.weightLogps({ sequences, positions, columns, ...storages }));
  expectWithin(gpu.weightedLogps, cpu.weightedLogps, boundOf(batch, positions, columns));
  expect(Array.from(gpu.weightedLogps).every(Number.isFinite)).toBe(true);
});

test('an undefined row makes its sequence undefined, and no other, whatever its weight', async () => {
  for (const weight of [0, 0.5]) {
    const batch = makeWeighted(66, 3, 4);
    const row = 3 * 65 + 1;
    batch.mask[row] = 1;
    batch.tokens[row] = 2;
    batch.tokenWeights[row] = weight;
    batch.stats.fill(Number.NaN, 2 * row, 2 * row + 2);
    const { gpu } = await onBoth(batch, (kernels, storages) =>
      kernels.weightLogps({ sequences: 66, positions: 3, columns: 4, ...storages }),
    );
    expect(Array.from(gpu.weightedLogps).flatMap((x, i) => (Number.isNaN(x) ? [i] : []))).toEqual([65]);
  }
});

test.each([
  [1, 1, 1],
  [70, 1, 1],
  [5, 3, 13],
  [2, 9, 64],
])('gradients of %i sequences of %i positions over %i tokens', async (sequences, positions, columns) => {
  const rows = sequences * positions;
  const gradient = new Float32Array(rows * columns + 3).fill(7);
  gradient.set(normalRows(rows, columns, 6));
  const next = uniformNumbers(rows);
  const tokenWeights = Float32Array.from({ length: rows }, (_, row) => [1, 0, next()][row % 3] ?? 0);
  const { gpu, cpu } = await onBoth({ gradient, tokenWeights }, (kernels, storages) =>
    kernels.weightGradient({ sequences, positions, columns, ...storages }),
  );
  // one product, which WGSL rounds correctly
  expectWithin(gpu.gradient, Float32Array.from(cpu.gradient), () => smallestNormal);
});

test('an undefined gradient stays so, whatever its weight', async () => {
  const arrays = { gradient: Float32Array.of(Number.NaN, 2, 3, Number.NaN), tokenWeights: Float32Array.of(0, 0.5) };
  const { gpu } = await onBoth(arrays, (kernels, storages) =>
    kernels.weightGradient({ sequences: 1, positions: 2, columns: 2, ...storages }),
  );
  expectWithin(gpu.gradient, [Number.NaN, 0, 1.5, Number.NaN], () => 0);
});
