import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { dot } from '../../src/core/vectors.ts';
import { byHand } from '../../src/views/displacement/by-hand.ts';
import { startAt, startNear } from '../../src/views/displacement/picture/start.ts';

const probabilities = ({ hidden, unembedding }: typeof toyVectors): number[] => {
  const weights = unembedding.map((row) => Math.exp(dot(hidden, row)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
};

test('an answer starts where it is put, and the others keep their ratios', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.integer({ min: 1, max: 990 }), (answer, thousandths) => {
      const wanted = thousandths / 1000;
      const before = probabilities(toyVectors);
      const vectors = startAt(toyVectors, answer, wanted);
      if (!vectors) throw new Error('the toy has room for every start');
      const after = probabilities(vectors);
      // a few roundings of logits of size 10
      expect(Math.abs((after[answer] ?? 0) - wanted)).toBeLessThan(1e-13);
      const kept = (1 - wanted) / (1 - (before[answer] ?? 0));
      after.forEach((share, index) => {
        if (index !== answer) expect(Math.abs(share - kept * (before[index] ?? 0))).toBeLessThan(1e-13);
      });
    }),
  );
});

test('without a state, or beyond what a link can hold, the start stays, and it is said why', () => {
  const still = { ...toyVectors, hidden: toyVectors.hidden.map(() => 0) };
  expect(startAt(still, 0, 0.9)).toBeNull();
  expect(startNear(still, 0, 0.9)).toEqual({ moved: null, why: 'state' });
  const small = { ...toyVectors, hidden: toyVectors.hidden.map((value) => value / 100) };
  expect(startAt(small, 0, 0.001)).toBeNull();
  expect(startNear(small, 0, 0.001)).toEqual({ moved: null, why: 'reach' });
});

test('a hand beyond the range moves the start to its end, and it is said why', () => {
  expect(startNear(toyVectors, 0, 1.2)).toEqual({ moved: startAt(toyVectors, 0, 0.99), why: 'range' });
  expect(startNear(toyVectors, 0, -0.1)).toEqual({ moved: startAt(toyVectors, 0, 0.001), why: 'range' });
  for (const inside of [0.001, 0.5, 0.99]) expect(startNear(toyVectors, 0, inside).why).toBeNull();
});

test('what a hand moves is set in four decimals, and what it does not move stays as it was given', () => {
  const given = { hidden: [-1, -4, 1 / 3], unembedding: toyVectors.unembedding.map((row) => row.map((value) => value + 1 / 7)) };
  fc.assert(
    fc.property(fc.nat(5), fc.integer({ min: 1, max: 990 }), (answer, thousandths) => {
      const moved = startAt(given, answer, thousandths / 1000);
      if (!moved) return;
      const set = byHand(moved, given);
      for (const value of set.unembedding[answer] ?? []) expect(String(value)).toMatch(/^-?\d+(\.\d{1,4})?$/);
      expect(set.hidden).toBe(given.hidden);
      set.unembedding.forEach((row, index) => {
        if (index !== answer) expect(row).toBe(given.unembedding[index]);
      });
      // half a unit of the last place in each of three numbers, against a state of length √17.2
      expect(Math.abs((probabilities(set)[answer] ?? 0) - thousandths / 1000)).toBeLessThan(0.25 * 0.5e-4 * (1 + 4 + 1 / 3));
    }),
  );
});
