import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstOrder, type PairForces } from '../../src/atlas/toys/displacement/first-order.ts';
import { toyPolicy } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { partOf, theoremTerms } from '../../src/atlas/toys/displacement/theorem-terms.ts';

const cast = { tokens: ['No', 'Never', 'Yes', 'Sure', 'Maybe', 'the'], chosen: 0, rejected: 1 };
const vector = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 3, maxLength: 3 });
const vectors = fc.record({ hidden: vector, unembedding: fc.array(vector, { minLength: 6, maxLength: 6 }) });
const trained = fc.constantFrom('hidden' as const, 'unembedding' as const, 'both' as const);
const force = fc.double({ min: 0.01, max: 2, noNaN: true });

describe('the terms of Theorem 4', () => {
  it.each<[string, fc.Arbitrary<PairForces>]>([
    ['a loss of the margin', force.map((d) => ({ chosen: d, rejected: d }))],
    ['any other loss', fc.record({ chosen: force, rejected: force })],
  ])('sum to the rate that the compact form gives: %s', (_, forces) => {
    fc.assert(
      fc.property(vectors, trained, forces, (placed, train, pull) => {
        const policy = toyPolicy(1, train, placed);
        const theory = firstOrder(policy, cast.chosen, cast.rejected, pull);
        const terms = theoremTerms(policy, theory, cast);
        const sum = terms.reduce((total, { value }) => total + value, 0);
        // two orders of summation in float64: a few roundings of the largest term
        const largest = Math.max(1, ...terms.map(({ value }) => Math.abs(value)));
        expect(Math.abs(sum - (theory.rate[cast.chosen] ?? Number.NaN))).toBeLessThan(1e-13 * largest * 10);
      }),
      { numRuns: 2000 },
    );
  });

  it('name the vectors that they are made of', () => {
    const policy = toyPolicy(1, 'both');
    const terms = theoremTerms(policy, firstOrder(policy, 0, 1), cast);
    expect(terms.map(({ part }) => part)).toEqual(['own', 'rejected', 'alike', 'others', 'others', 'others', 'others', 'hidden']);
    expect(partOf(terms, 'others')).toEqual({ part: 'others', tokens: [2, 3, 4, 5], hidden: false });
    expect(partOf(terms, 'hidden')).toEqual({ part: 'hidden', tokens: [], hidden: true });
    expect(partOf(terms, null)).toBeNull();
  });
});
