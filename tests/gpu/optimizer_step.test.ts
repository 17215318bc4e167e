import { expect, test } from 'vitest';
import { parse } from '../../src/core/expression/parse.ts';
import { toProgram } from '../../src/core/expression/program.ts';
import { type UpdateRule, type UpdateSettings, updateRules } from '../../src/core/optimizer.ts';
import { float32Bounds } from '../shared/float32-bounds.ts';
import { normalNumbers, smallestNormal } from './rows.ts';
import { expectWithin } from './tolerance.ts';
import { openTwins } from './twins.ts';

const onBoth = openTwins();

const inputs = ['theta', 'g', 'm', 's'];
const velocity = 'momentum * m + g';
const mean = 'm + complement1 * (g - m)';
const meanSquare = 's + complement2 * (g * g - s)';
/**
 * New parameter and slots of each rule, whose roundings are counted operation by operation. WGSL's root is that of 1 / inverseSqrt, 2 ULP
 * and a quotient: two more quotients here than the value needs.
 */
const rules: Readonly<Record<UpdateRule, readonly string[]>> = {
  sgd: ['theta * shrink - rate * g', '0', '0'],
  momentum: [`theta * shrink - rate * (${velocity})`, velocity, '0'],
  nesterov: [`theta * shrink - rate * (g + momentum * (${velocity}))`, velocity, '0'],
  adam: [`theta * shrink - rate * ((${mean}) / correction1) / (1 / (1 / sqrt((${meanSquare}) / correction2)) + epsilon)`, mean, meanSquare],
};

const settings: UpdateSettings = {
  rule: 'sgd',
  learningRate: 0.03,
  momentum: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
};

/** Slots of one element where the rule keeps none. */
const slotLength = (length: number, rule: UpdateRule, slot: 1 | 2) => ((rule === 'adam' ? 2 : rule === 'sgd' ? 0 : 1) >= slot ? length : 1);

test.each(updateRules.flatMap((rule) => [1, 64, 129, 1000].map((length) => [rule, length] as const)))(
  '%s moves %i parameters',
  async (rule, length) => {
    const program = toProgram(rules[rule].map((text) => parse(text, { inputs, shorthands: {} })));
    const normal = normalNumbers(length);
    const gradient = Float32Array.from({ length: length + 1 }, () => 10 ** (2 * normal() - 2) * Math.sign(normal()));
    const parameters = Float32Array.from({ length: length + 1 }, () => 3 * normal());
    const first = Float32Array.from({ length: slotLength(length, rule, 1) }, normal);
    const second = Float32Array.from({ length: slotLength(length, rule, 2) }, () => 10 ** (2 * normal() - 4));
    for (const { corrections, ...other } of [
      { corrections: [0.1, 0.001] as const },
      { corrections: [1 - 0.9 ** 50, 1 - 0.999 ** 50] as const, weightDecay: 0, epsilon: 1e-3 },
      { corrections: [1, 1] as const, learningRate: 20, momentum: 0, beta1: 0, beta2: 0.5 },
    ]) {
      const how = { ...settings, ...other, rule };
      const arrays = { gradient, parameters, first, second };
      const { gpu, cpu } = await onBoth(arrays, (kernels, storages) =>
        kernels.optimizerStep({ length, settings: how, corrections, ...storages }),
      );
      const scalars = {
        ...{ rate: how.learningRate, shrink: 1 - how.learningRate * how.weightDecay, momentum: how.momentum, epsilon: how.epsilon },
        ...{ complement1: 1 - how.beta1, complement2: 1 - how.beta2, correction1: corrections[0], correction2: corrections[1] },
      };
      const moved = Array.from({ length }, (_, i) =>
        float32Bounds(program, { ...scalars, theta: parameters[i] ?? 0, g: gradient[i] ?? 0, m: first[i] ?? 0, s: second[i] ?? 0 }),
      );
      const boundOf = (output: number) => (i: number) => moved[i]?.[output]?.error ?? 0;
      expect(moved.flat().every(({ error }) => Number.isFinite(error))).toBe(true);
      expectWithin(gpu.parameters, cpu.parameters, boundOf(0), 'parameters');
      expect(gpu.parameters[length], 'past the end').toBe(parameters[length]);
      expectWithin(gpu.first, cpu.first, rule === 'sgd' ? () => 0 : boundOf(1), 'first slot');
      expectWithin(gpu.second, cpu.second, rule === 'adam' ? boundOf(2) : () => 0, 'second slot');
      // The text above is the rule: no bound of another one.
      expectWithin(
        cpu.parameters,
        [...moved.map(([value]) => value?.value ?? Number.NaN), parameters[length] ?? Number.NaN],
        (i) => 1e-13 * Math.max(1, Math.abs(cpu.parameters[i] as number)),
        'twin',
      );
    }
  },
);

test.each(updateRules)('%s without a gradient: decay alone', async (rule) => {
  const length = 70;
  const parameters = Float32Array.from({ length }, (_, i) => (i - 35) / 4);
  const arrays = {
    gradient: new Float32Array(length),
    parameters,
    first: new Float32Array(slotLength(length, rule, 1)),
    second: new Float32Array(slotLength(length, rule, 2)),
  };
  const how = { ...settings, rule, learningRate: 0.5, weightDecay: 1 };
  const { gpu } = await onBoth(arrays, (kernels, storages) =>
    kernels.optimizerStep({ length, settings: how, corrections: [0.1, 0.001], ...storages }),
  );
  expectWithin(
    gpu.parameters,
    parameters.map((x) => x / 2),
    () => smallestNormal,
  );
});

test.each(updateRules)('%s: an undefined gradient moves its own parameter to nowhere, and no other', async (rule) => {
  const length = 66;
  const arrays = {
    gradient: new Float32Array(length).fill(0.5),
    parameters: new Float32Array(length).fill(1),
    first: new Float32Array(slotLength(length, rule, 1)),
    second: new Float32Array(slotLength(length, rule, 2)),
  };
  arrays.gradient[64] = Number.NaN;
  const { gpu } = await onBoth(arrays, (kernels, storages) =>
    kernels.optimizerStep({ length, settings: { ...settings, rule }, corrections: [0.1, 0.001], ...storages }),
  );
  expect(Array.from(gpu.parameters).flatMap((x, i) => (Number.isNaN(x) ? [i] : []))).toEqual([64]);
});
