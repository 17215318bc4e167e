import { expect, test } from 'vitest';
import { isHeld } from '../../src/backend/ensemble-held.ts';
import { smallestEnsemble } from '../../src/backend/ensemble-layout.ts';

test('a few pairs of one short distribution are written out; more of them compile for minutes on a software adapter', () => {
  const of = (pairs: number, columns = 6) => isHeld({ ...smallestEnsemble, columns, pairs }, true);
  expect([1, 2, 3, 4, 5, 7].map((pairs) => of(pairs))).toEqual([true, true, true, true, false, false]);
  expect([of(3, 16), of(4, 16), of(1, 17)]).toEqual([true, false, false]);
  expect(isHeld(smallestEnsemble, false)).toBe(false);
});
