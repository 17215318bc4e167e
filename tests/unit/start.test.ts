import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toyVectors } from '../../src/atlas/toys/no-over-never.ts';
import { dot } from '../../src/core/vectors.ts';
import { startAt } from '../../src/views/displacement/picture/start.ts';

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

test('without a state, or beyond what a link can hold, the start stays', () => {
  expect(startAt({ ...toyVectors, hidden: toyVectors.hidden.map(() => 0) }, 0, 0.9)).toBeNull();
  expect(startAt({ ...toyVectors, hidden: toyVectors.hidden.map((value) => value / 100) }, 0, 0.001)).toBeNull();
});
