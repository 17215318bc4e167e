import { expect, test } from 'vitest';
import { philox4x32, RandomStream, toUniform } from '../../src/core/rng.ts';

test('philox4x32-10 gives the known answers of its authors (Random123, kat_vectors)', () => {
  expect(philox4x32([0, 0, 0, 0], [0, 0])).toEqual([0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const ones = 0xffffffff;
  expect(philox4x32([ones, ones, ones, ones], [ones, ones])).toEqual([0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
  expect(philox4x32([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toEqual([
    0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1,
  ]);
});

test('uniforms are on [0, 1) and the same in float32', () => {
  expect(toUniform(0)).toBe(0);
  expect(toUniform(0xffffffff)).toBeLessThan(1);
  for (const word of philox4x32([1, 2, 3, 4], [5, 6])) expect(Math.fround(toUniform(word))).toBe(toUniform(word));
});

test('a stream repeats for its seed, and differs for another seed or purpose', () => {
  const draws = (seed: number, stream: number) => {
    const random = new RandomStream(seed, stream);
    return Array.from({ length: 6 }, () => random.word());
  };
  expect(draws(1, 1)).toEqual(draws(1, 1));
  expect(draws(1, 1)).not.toEqual(draws(2, 1));
  expect(draws(1, 1)).not.toEqual(draws(1, 2));
});

test('normal numbers have the moments of their law', () => {
  const random = new RandomStream(7, 1);
  const n = 40_000;
  const normals = Array.from({ length: n }, () => random.normal());
  const moment = (values: number[], power: number) => values.reduce((sum, x) => sum + x ** power, 0) / n;
  // Five standard errors: the k-th moment of n draws has the variance (E x^2k - (E x^k)^2) / n.
  expect(Math.abs(moment(normals, 1))).toBeLessThan(5 * Math.sqrt(1 / n));
  expect(Math.abs(moment(normals, 2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(moment(normals, 4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
});

test('a permutation holds every index once', () => {
  const order = new RandomStream(3, 1).permutation(50);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  expect(order).not.toEqual([...order].sort((a, b) => a - b));
});
