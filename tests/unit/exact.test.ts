import { expect, test } from 'vitest';
import { banditReference, banditReward } from '../../src/atlas/toys/modes/bandit.ts';
import { bestOfN, closedFormOptimum, entropy, expectedReward, klDivergence } from '../../src/core/exact.ts';
import { logSumExp } from '../../src/core/softmax.ts';

const reference = banditReference();
const [R1, R2] = [banditReward(70), banditReward(20)];
const dot = (p: ArrayLike<number>, r: readonly number[]) => r.reduce((sum, x, i) => sum + x * (p[i] ?? 0), 0);

// printed numbers of the bandit, to the digits given
test('the bandit has the printed masses, entropy and expected rewards', () => {
  const p = reference.map(Math.exp);
  expect(logSumExp(reference)).toBeCloseTo(0, 12);
  for (const [bin, mass] of [
    [16, 0.0268],
    [20, 0.0243],
    [70, 0.0021],
    [0, 0.0781],
    [99, 0.0422],
  ] as const)
    expect(p[bin]).toBeCloseTo(mass, 4);
  expect(entropy(reference)).toBeCloseTo(4.117, 3);
  expect(expectedReward(reference, R1)).toBeCloseTo(0.039, 4);
  expect(expectedReward(reference, R2)).toBeCloseTo(0.3772, 4);
});

test('best of n has its printed values, and is a distribution', () => {
  for (const [n, one, two] of [
    [10, 0.3135, 0.9401],
    [2, 0.0761, 0.5843],
  ] as const) {
    expect(dot(bestOfN(reference, R1, n), R1)).toBeCloseTo(one, 4);
    expect(dot(bestOfN(reference, R2, n), R2)).toBeCloseTo(two, 4);
    expect(bestOfN(reference, R1, n).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  }
  expect([...bestOfN([Math.log(0.25), Math.log(0.75)], [1, 1], 3)]).toEqual([0.25, 0.75]); // ties are shared
});

test('the closed-form optimum maximises E[r] - β KL, with the value β log Z', () => {
  const beta = 0.1;
  const optimum = closedFormOptimum(reference, R1, beta);
  const value = (logps: ArrayLike<number>) => expectedReward(logps, R1) - beta * klDivergence(logps, reference);
  const logZ = logSumExp(reference.map((logp, y) => logp + (R1[y] ?? 0) / beta));
  expect(value(optimum)).toBeCloseTo(beta * logZ, 12);
  for (const other of [reference, [...bestOfN(reference, R1, 4)].map(Math.log)]) {
    // E[r] - β KL(π ‖ ref) = β log Z - β KL(π ‖ π*)
    expect(value(other)).toBeCloseTo(beta * (logZ - klDivergence(other, optimum)), 12);
    expect(value(other)).toBeLessThan(value(optimum));
  }
});
