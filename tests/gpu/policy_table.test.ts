import { test } from 'vitest';
import { makeMembers } from './members.ts';
import { normalRows, uniformNumbers } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { type Call, onCpu, openTwins, sizesOf } from './twins.ts';

const onBoth = openTwins();
const exactly = () => 0;

test.each([
  [1, 1, 1],
  [3, 21, 3],
  [65, 1, 7],
  [70, 13, 5],
])('%i rows of %i columns, from a table of %i rows', async (rows, columns, tableRows) => {
  const next = uniformNumbers(rows);
  const table = normalRows(tableRows, columns, columns);
  // a token that cannot occur
  table[table.length - 1] = Number.NEGATIVE_INFINITY;
  const arrays = {
    table,
    contexts: Uint32Array.from({ length: rows }, () => Math.floor(next() * tableRows)),
    offsetTable: normalRows(3, columns, 5),
    offsetRows: Uint32Array.from({ length: rows }, () => Math.floor(next() * 3)),
    // the kernel must not write past its rows
    plain: new Float32Array(rows * columns + 3).fill(7),
    moved: new Float32Array(rows * columns + 3).fill(7),
  };
  const { gpu, cpu } = await onBoth(arrays, (kernels, { offsetTable, offsetRows, plain, moved, ...read }) => {
    kernels.tableLogits({ rows, columns, ...read, logits: plain });
    kernels.tableLogits({ rows, columns, ...read, offsets: { table: offsetTable, rows: offsetRows }, logits: moved });
  });
  expectWithin(gpu.plain, cpu.plain, exactly, 'without offsets');
  // one addition, which WGSL rounds correctly
  expectWithin(gpu.moved, Float32Array.from(cpu.moved), exactly, 'with offsets');
});

test.each([
  [1, 1, 1, 0],
  [4, 3, 5, 6],
  [9, 65, 40, 31],
  [70, 1, 0, 300],
  [2, 129, 130, 0],
])('gradients of %i table rows of %i columns, from %i chosen and %i rejected positions', async (tableRows, columns, chosen, rejected) => {
  const { count: _, most, ...members } = makeMembers(tableRows, chosen + rejected, columns);
  const arrays = {
    ...members,
    chosenGradient: normalRows(Math.max(1, chosen), columns, 1),
    rejectedGradient: normalRows(Math.max(1, rejected), columns, 2),
    gradient: new Float32Array(tableRows * columns).fill(7),
  };
  const call: Call<keyof typeof arrays> = (kernels, { offsets, rows, ...task }) =>
    kernels.tableGradient({ tableRows, columns, chosenRows: chosen, ...task, members: { offsets, rows } });
  const { gpu, cpu } = await onBoth(arrays, call);
  const sizes = await onCpu(
    { ...arrays, chosenGradient: sizesOf(arrays.chosenGradient), rejectedGradient: sizesOf(arrays.rejectedGradient) },
    call,
  );
  // a sum of n terms in a row: n - 1 roundings of at most the sum of sizes
  expectWithin(gpu.gradient, cpu.gradient, (i) => most * float32Roundoff * (sizes.gradient[i] as number));
});

test('an undefined gradient stays so, in its own column', async () => {
  const arrays = {
    offsets: Uint32Array.of(0, 2, 3),
    rows: Uint32Array.of(0, 2, 1),
    chosenGradient: Float32Array.of(1, Number.NaN, 2, 3),
    rejectedGradient: Float32Array.of(4, 5),
    gradient: new Float32Array(4).fill(7),
  };
  const { gpu } = await onBoth(arrays, (kernels, { offsets, rows, ...task }) =>
    kernels.tableGradient({ tableRows: 2, columns: 2, chosenRows: 2, ...task, members: { offsets, rows } }),
  );
  expectWithin(gpu.gradient, [5, Number.NaN, 2, 3], exactly);
});
