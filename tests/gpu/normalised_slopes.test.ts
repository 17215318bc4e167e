import { expect, test } from 'vitest';
import { normalRows, smallestNormal, uniformNumbers } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { type Call, onCpu, openTwins, sizesOf } from './twins.ts';

const onBoth = openTwins();

const policies = [
  { name: 'a table', features: false, hiddenTrained: true, unembeddingTrained: false },
  { name: 'hidden vectors and unembedding', features: true, hiddenTrained: true, unembeddingTrained: true },
  { name: 'hidden vectors', features: true, hiddenTrained: true, unembeddingTrained: false },
  { name: 'an unembedding', features: true, hiddenTrained: false, unembeddingTrained: true },
];

function makeBatch(sequences: number, positions: number, columns: number, dimensions: number) {
  const next = uniformNumbers(sequences + positions);
  const contexts = 3;
  const residuals = normalRows(sequences * positions, columns, 1);
  // a position in five is not counted: its residuals are 0; the third sequence has none that is
  for (let row = 0; row < sequences * positions; row++)
    if (next() < 0.2 || Math.floor(row / positions) === 2) residuals.fill(0, row * columns, (row + 1) * columns);
  return {
    residuals,
    contexts: Uint32Array.from({ length: sequences * positions }, () => Math.floor(next() * contexts)),
    hidden: normalRows(contexts, Math.max(1, dimensions), 2),
    unembedding: normalRows(columns, Math.max(1, dimensions), 3),
    weights: Float32Array.from({ length: sequences }, (_, i) => (i % 7 === 6 ? 0 : 0.25 + next())),
    slopes: new Float32Array(2 * sequences).fill(7),
  };
}

const shapes = [
  [1, 1, 1, 1],
  [3, 1, 7, 2],
  [70, 3, 5, 4],
  [65, 2, 1, 1],
  [4, 9, 33, 3],
] as const;

test.each(
  policies.flatMap((policy) => shapes.map(([sequences, positions, columns, d]) => ({ ...policy, sequences, positions, columns, d }))),
)(
  '$name: $sequences sequences of $positions positions over $columns tokens, $d dimensions',
  async ({ features, hiddenTrained, unembeddingTrained, sequences, positions, columns, d }) => {
    const dimensions = features ? d : 0;
    const batch = makeBatch(sequences, positions, columns, dimensions);
    const { residuals, hidden, unembedding } = batch;
    for (const side of ['chosen', 'rejected'] as const) {
      const call: Call<keyof typeof batch> = (kernels, storages) =>
        kernels.normalisedSlopes({ sequences, positions, columns, dimensions, hiddenTrained, unembeddingTrained, side, ...storages });
      const { gpu, cpu } = await onBoth(batch, call);
      const ofSizes = await onCpu(
        { ...batch, residuals: sizesOf(residuals), hidden: sizesOf(hidden), unembedding: sizesOf(unembedding) },
        call,
      );
      // The squared length is a sum of T² products of sums of V and d terms (V twice and then d where the hidden vectors are trained),
      // each within one rounding more than it has terms; the twin's slope for the sizes of all terms tells how large they are together.
      const roundings = (2 * columns + 2 * dimensions + positions ** 2 + 6) * float32Roundoff;
      const bound = (i: number) => {
        const [slope, smallest] = [cpu.slopes[i] as number, ofSizes.slopes[i] as number];
        if (slope === 0 || slope === 7) return 0;
        const lost = roundings * (slope / smallest) ** 2;
        expect(lost).toBeLessThan(0.01); // no cancellation that would make this comparison worthless
        // (1 - lost)^(-1/2), a root of 4.5 ULP = 9 roundoffs, and two quotients of 2.5 ULP
        return Math.abs(slope) * ((1 - lost) ** -0.5 - 1 + 19 * float32Roundoff) + smallestNormal;
      };
      expectWithin(gpu.slopes, cpu.slopes, bound, side);
      // the chosen side ascends, the rejected one descends, and the other side's slopes are left alone
      const [own, other] = side === 'chosen' ? [0, sequences] : [sequences, 0];
      const signs = Array.from({ length: sequences }, (_, i) => Math.sign(gpu.slopes[own + i] as number));
      expect(new Set(signs.filter((sign) => sign !== 0)).size).toBeLessThan(2);
      expect(signs.some((sign) => sign === (side === 'chosen' ? -1 : 1))).toBe(true);
      expect(Array.from({ length: sequences }, (_, i) => gpu.slopes[other + i])).toEqual(new Array(sequences).fill(7));
    }
  },
);

test.each(policies)('$name: a gradient whose terms cancel has no direction but their rounding, and moves nothing', async (policy) => {
  // every token once, from the same context and a uniform start: the residuals sum to 0, but 1/10 has no exact number
  const columns = 10;
  const dimensions = policy.features ? 3 : 0;
  const batch = {
    ...makeBatch(2, columns, columns, 3),
    contexts: new Uint32Array(2 * columns),
    residuals: Float32Array.from({ length: 2 * columns ** 2 }, (_, i) => (Math.floor(i / columns) % columns === i % columns ? 0.9 : -0.1)),
  };
  const { gpu, cpu } = await onBoth(batch, (kernels, storages) =>
    kernels.normalisedSlopes({ sequences: 2, positions: columns, columns, dimensions, ...policy, side: 'rejected', ...storages }),
  );
  for (const { slopes } of [gpu, cpu]) expect([slopes[2], slopes[3]]).toEqual([0, 0]);
});

test('no gradient has no direction, and an undefined one no length, each in its own sequence', async () => {
  const batch = makeBatch(66, 2, 3, 0);
  batch.residuals.fill(0, 2 * 3 * 5, 2 * 3 * 6);
  batch.residuals.fill(1, 2 * 3 * 64, 2 * 3 * 65);
  batch.residuals[2 * 3 * 64 + 4] = Number.NaN;
  const task = { sequences: 66, positions: 2, columns: 3, dimensions: 0, hiddenTrained: true, unembeddingTrained: false };
  const { gpu } = await onBoth(batch, (kernels, storages) => kernels.normalisedSlopes({ ...task, side: 'chosen', ...storages }));
  expect(gpu.slopes[5]).toBe(0);
  expect(Array.from(gpu.slopes).flatMap((x, i) => (Number.isNaN(x) ? [i] : []))).toEqual([64]);
});
