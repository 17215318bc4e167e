import { expect, it } from 'vitest';
import { predictorSays, whyUnranked } from '../../src/views/pairs/predictor-words.ts';

it('a number that is the same for all pairs cannot rank them, and why is said', () => {
  expect(whyUnranked([-1, -1, -1], 3)).toBe(
    'It is −1 in every pair, and cannot rank them: chosen and rejected differ in one word alone, and that changes their sums alike in every pair.',
  );
  expect(whyUnranked([-1, -1, -1], 1)).toBe('It is −1 in every pair, and cannot rank them.');
  expect(whyUnranked([-1, -1, -2], 3)).toBeNull();
  expect(predictorSays(Number.NaN, [-1, -1, -1], 0)).toMatch(/cannot rank/);
});

it('ranks that agree little are told from a few values, and from what has nothing to rank', () => {
  expect(predictorSays(0.1, [1, 1, 1, 2], 0)).toMatch(/says little .* 2 different values on 4 pairs/);
  expect(predictorSays(0.1, [1, 2, 3, 4], 0)).toMatch(/says little .* by chance/);
  expect(predictorSays(Number.NaN, [1, 2, 3], 0)).toMatch(/nothing is left to rank/);
  expect(predictorSays(-0.8, [1, 2, 3], 0)).toMatch(/larger fall/);
  expect(predictorSays(0.8, [1, 2, 3], 0)).toMatch(/the opposite/);
});

it('what many pairs show is not called chance, and what few show may be', () => {
  const values = (pairs: number): number[] => Array.from({ length: pairs }, (_, i) => i);
  // of n ranks without a connection |ρ| passes 2/√(n-1) about once in twenty
  expect(predictorSays(0.25, values(50), 0)).toMatch(/\(0\.25\) come about by chance\.$/);
  expect(predictorSays(0.25, values(200), 0)).toMatch(/agree weakly, if more than by chance\.$/);
  expect(predictorSays(-0.4, values(16), 0)).toMatch(/Of so few pairs it may be chance\.$/);
  expect(predictorSays(-0.4, values(200), 0)).toMatch(/a smaller gain\.$/);
});
