import { expect, test } from 'vitest';
import { normalRows, smallestNormal } from './rows.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { type Call, onCpu, openTwins, sizesOf } from './twins.ts';

const onBoth = openTwins();

/** Roundoffs of tanh_safe itself, as in tests/shared/float32-bounds.ts. */
const ofTanh = 40;

const largest = (values: Float32Array) => values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);

test.each([
  [1, 1, 1, 1],
  [3, 5, 4, 1],
  [65, 2, 63, 1],
  [2, 130, 7, 0.1],
  [4, 3, 70, 30], // most units are full
])('%i inputs of %i numbers, %i units, weights of size %f', async (contexts, width, units, size) => {
  const arrays = {
    inputs: normalRows(contexts, width, 1),
    weights: normalRows(units, width, 2).map((x) => x * size),
    active: new Float32Array(contexts * (units + 1) + 3).fill(7), // the kernel must not write past its rows
  };
  const call: Call<keyof typeof arrays> = (kernels, storages) => kernels.tanhLayer({ contexts, width, units, ...storages });
  const { gpu, cpu } = await onBoth(arrays, call);
  // sums of the sizes of the terms, through units that do not bend: tanh x = x where x is tiny
  const shrink = 2 ** -40;
  const sizes = await onCpu({ ...arrays, inputs: sizesOf(arrays.inputs), weights: sizesOf(arrays.weights).map((x) => x * shrink) }, call);
  // A sum of products errs as in tests of the features policy; tanh passes an error on at most as it is, and adds its own.
  expectWithin(gpu.active, cpu.active, (i) => {
    const ofSum = (width + 1) * float32Roundoff * ((sizes.active[i] as number) / shrink) * 1.001 + width * smallestNormal;
    return ofSum + ofTanh * float32Roundoff * Math.abs(cpu.active[i] as number) + smallestNormal;
  });
  const ends = Array.from({ length: contexts }, (_, context) => gpu.active[context * (units + 1) + units]);
  expect(ends).toEqual(new Array(contexts).fill(1));
});

test.each([
  [1, 1, 1],
  [3, 5, 4],
  [65, 2, 63],
  [9, 130, 7],
  [1, 3, 125], // nothing beside a full unit's own
])('gradients of %i inputs of %i numbers and %i units', async (contexts, width, units) => {
  const arrays = {
    inputs: normalRows(contexts, width, 1),
    // some of them as full as float32 can say
    active: normalRows(contexts, units + 1, 2).map((x, i) => (i % 5 === 0 ? Math.sign(x) * (1 - 2 ** -(1 + (i % 24))) : Math.tanh(x))),
    activeGradient: normalRows(contexts, units + 1, 3),
    gradient: new Float32Array(units * width + 3).fill(7),
  };
  const call: Call<keyof typeof arrays> = (kernels, storages) => kernels.tanhLayerGradient({ contexts, width, units, ...storages });
  const { gpu, cpu } = await onBoth(arrays, call);
  const sizes = await onCpu({ ...arrays, inputs: sizesOf(arrays.inputs), activeGradient: sizesOf(arrays.activeGradient) }, call);
  // Each term is rounded four times before it is added: 1 - a, 1 + a, their product, and that by g.
  const flushed = contexts * smallestNormal * (1 + largest(arrays.inputs));
  expectWithin(gpu.gradient, cpu.gradient, (i) => (contexts + 4) * float32Roundoff * (sizes.gradient[i] as number) * 1.001 + flushed);
});

test.each([
  [1, 1, 1, 1, 1],
  [3, 5, 4, 7, 9],
  [2, 3, 130, 5, 70],
  [65, 2, 3, 67, 4],
])('slopes over %i inputs of %i numbers, %i units and %i logits, of %i responses', async (contexts, width, units, columns, sequences) => {
  const arrays = {
    inputs: normalRows(contexts, width, 1),
    active: normalRows(contexts, units + 1, 2).map((x, i) => ((i + 1) % (units + 1) === 0 ? 1 : Math.tanh(x))),
    outputs: normalRows(columns, units + 1, 3),
    // the third response has no gradient
    residuals: normalRows(sequences, columns, 4).map((x, i) => (Math.floor(i / columns) === 2 ? 0 : x)),
    contexts: Uint32Array.from({ length: sequences }, (_, sequence) => (sequence * 7) % contexts),
    weights: Float32Array.from({ length: sequences }, (_, sequence) => (sequence % 5) / 3),
    slopes: new Float32Array(2 * sequences).fill(7),
  };
  for (const side of ['chosen', 'rejected'] as const) {
    const call: Call<keyof typeof arrays> = (kernels, storages) =>
      kernels.tanhLayerSlopes({ width, units, columns, sequences, side, ...storages });
    const { gpu, cpu } = await onBoth(arrays, call);
    const { inputs, outputs, residuals } = arrays;
    const sized = { ...arrays, inputs: sizesOf(inputs), outputs: sizesOf(outputs), residuals: sizesOf(residuals) };
    const ofSizes = await onCpu(sized, call);
    // The squared length is a sum over units of squares of sums of K terms, each rounded a few times more, times a sum of squares; the
    // twin's slope for the sizes of all terms tells how large they are together.
    const roundings = (2 * columns + units + width + 14) * float32Roundoff;
    expectWithin(
      gpu.slopes,
      cpu.slopes,
      (i) => {
        const [slope, smallest] = [cpu.slopes[i] as number, ofSizes.slopes[i] as number];
        if (slope === 0 || slope === 7) return 0;
        const lost = roundings * (slope / smallest) ** 2;
        expect(lost).toBeLessThan(0.01); // no cancellation that would make this comparison worthless
        // (1 - lost)^(-1/2), a root of 4.5 ULP = 9 roundoffs, and two quotients of 2.5 ULP
        return Math.abs(slope) * ((1 - lost) ** -0.5 - 1 + 19 * float32Roundoff) + smallestNormal;
      },
      side,
    );
  }
});
