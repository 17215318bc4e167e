import { test } from 'vitest';
import { makeMembers } from './members.ts';
import { normalRows, smallestNormal, uniformNumbers } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { type Call, onCpu, openTwins, sizesOf } from './twins.ts';

const onBoth = openTwins();

/** A sum of n products in a row, fused or not: n roundings of at most the sum of sizes and one of each product, which may be flushed. */
const dotBound = (terms: number, sizes: ArrayLike<number>) => (i: number) =>
  (terms + 1) * float32Roundoff * (sizes[i] as number) + terms * smallestNormal;

test.each([
  [1, 1, 1, 1, 1],
  [5, 13, 3, 2, 2],
  [65, 1, 7, 4, 4],
  [3, 64, 1, 3, 3],
  [2, 67, 130, 2, 2],
  [40, 5, 3, 6, 2],
  [30, 3, 2, 5, 1],
])(
  'logits of %i rows of %i columns, in %i dimensions, from %i hidden vectors, an unembedding for every %i',
  async (rows, columns, dimensions, contexts, sharing) => {
    const next = uniformNumbers(rows);
    const arrays = {
      hidden: normalRows(contexts, dimensions, 1),
      unembedding: normalRows((contexts / sharing) * columns, dimensions, 2),
      contexts: Uint32Array.from({ length: rows }, () => Math.floor(next() * contexts)),
      logits: new Float32Array(rows * columns + 3).fill(7), // the kernel must not write past its rows
    };
    const call: Call<keyof typeof arrays> = (kernels, storages) =>
      kernels.featuresLogits({ rows, columns, dimensions, sharing, ...storages });
    const { gpu, cpu } = await onBoth(arrays, call);
    const sizes = await onCpu({ ...arrays, hidden: sizesOf(arrays.hidden), unembedding: sizesOf(arrays.unembedding) }, call);
    expectWithin(gpu.logits, cpu.logits, dotBound(dimensions, sizes.logits));
  },
);

test.each([
  [1, 1, 1, 1, 1, 0],
  [3, 3, 4, 2, 9, 7],
  [66, 66, 5, 1, 40, 90],
  [2, 2, 3, 65, 0, 20],
  [4, 4, 130, 3, 33, 0],
  [12, 3, 4, 5, 60, 30],
  [5, 1, 3, 2, 20, 0],
])(
  'gradients of %i hidden vectors, an unembedding for every %i, of %i rows in %i dimensions, from %i chosen and %i rejected positions',
  async (contexts, sharing, columns, dimensions, chosen, rejected) => {
    const { count, most, ...members } = makeMembers(contexts, chosen + rejected, columns);
    const arrays = {
      ...members,
      hidden: normalRows(contexts, dimensions, 1),
      unembedding: normalRows((contexts / sharing) * columns, dimensions, 2),
      chosenGradient: normalRows(Math.max(1, chosen), columns, 3),
      rejectedGradient: normalRows(Math.max(1, rejected), columns, 4),
      byHidden: new Float32Array(contexts * dimensions).fill(7),
      byUnembedding: new Float32Array((contexts / sharing) * columns * dimensions + 3).fill(7),
    };
    const call: Call<keyof typeof arrays> = (kernels, storages) => {
      const { offsets, rows, chosenGradient, rejectedGradient, hidden, unembedding, byHidden, byUnembedding } = storages;
      const task = {
        ...{ contexts, sharing, columns, dimensions, chosenRows: chosen, chosenGradient, rejectedGradient },
        members: { offsets, rows },
      };
      kernels.hiddenGradient({ ...task, unembedding, gradient: byHidden });
      kernels.unembeddingGradient({ ...task, hidden, gradient: byUnembedding });
    };
    const { gpu, cpu } = await onBoth(arrays, call);
    const { hidden, unembedding, chosenGradient, rejectedGradient } = arrays;
    const sizes = await onCpu(
      {
        ...arrays,
        ...{ hidden: sizesOf(hidden), unembedding: sizesOf(unembedding) },
        ...{ chosenGradient: sizesOf(chosenGradient), rejectedGradient: sizesOf(rejectedGradient) },
      },
      call,
    );
    expectWithin(gpu.byHidden, cpu.byHidden, dotBound(most * columns, sizes.byHidden), 'by the hidden vectors');
    expectWithin(gpu.byUnembedding, cpu.byUnembedding, dotBound(count, sizes.byUnembedding), 'by the unembedding');
  },
);
