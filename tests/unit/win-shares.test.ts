import { expect, test } from 'vitest';
import { mean, sigmoid } from '../../src/core/numerics.ts';
import { RandomStream } from '../../src/core/rng.ts';
import { winShares } from '../../src/train/on-policy/win-shares.ts';

const rewards = [0.3, -1, 0.3, 2];
const random = () => new RandomStream(1, 6);

test('expected shares are the mean chances to beat the others', () => {
  const shares = winShares(rewards, { temperature: 0.5, kind: 'expected' }, random());
  const chances = rewards.map((own, i) => mean(rewards.filter((_, j) => j !== i).map((other) => sigmoid((own - other) / 0.5))));
  for (const [i, share] of shares.entries()) expect(share).toBeCloseTo(chances[i] ?? Number.NaN, 14);
});

test('each two are judged once, and on average as often as their chances say', () => {
  const groups = 4000;
  const stream = random();
  const drawn = Array.from({ length: groups }, () => winShares(rewards, { temperature: 0.5 }, stream));
  for (const shares of drawn) expect(mean(shares)).toBeCloseTo(0.5, 14);
  const expected = winShares(rewards, { temperature: 0.5, kind: 'expected' }, random());
  // four deviations of a mean of verdicts, whose variance is at most 1/4 each
  for (const [i, share] of expected.entries())
    expect(Math.abs(mean(drawn.map((shares) => shares[i] ?? Number.NaN)) - share)).toBeLessThan((4 * 0.5) / Math.sqrt(groups));
  expect(new Set(drawn.map((shares) => shares.join())).size).toBeGreaterThan(1);
});

test('a group of one has nobody to beat', () => {
  expect(winShares([3], { temperature: 1 }, random())).toEqual([0.5]);
});
