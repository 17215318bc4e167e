import { expect, test } from 'vitest';
import { ExperimentError, generatePreferences, type PreferenceData } from '../../src/index.ts';
import { resolveData } from '../../src/train/validate/resolve-data.ts';

const rewards = [[0, 0.5, 1, 2]];
const n = 20_000;
const outcome = (response: number | number[]) => response as number;

/** Share of the pairs {a, b} in which a is chosen, and their number. */
function winRate(data: PreferenceData, a: number, b: number) {
  const met = generatePreferences(data, 3).filter(({ chosen, rejected }) => new Set([chosen, rejected, a, b]).size === 2);
  return { rate: met.filter(({ chosen }) => chosen === a).length / met.length, count: met.length };
}
/** five standard errors of a rate */
const within = (rate: number, count: number) => 5 * Math.sqrt((rate * (1 - rate)) / count) + 1e-12;
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

test('Bradley–Terry labels have the win rates of the model, with temperature and flips', () => {
  for (const [temperature, flipRate] of [
    [1, 0],
    [0.5, 0],
    [1, 0.2],
  ] as const) {
    const { rate, count } = winRate({ kind: 'bradley-terry', rewards, count: n, temperature, flipRate }, 3, 1);
    const p = sigmoid(1.5 / temperature);
    const expected = p * (1 - flipRate) + (1 - p) * flipRate;
    expect(Math.abs(rate - expected)).toBeLessThan(within(expected, count));
  }
});

test("Davidson's ties are settled by a coin", () => {
  const { rate, count } = winRate({ kind: 'bradley-terry', rewards, count: n, ties: 0.8 }, 3, 0);
  const [a, b] = [Math.exp(2), 1];
  const tie = (0.8 * Math.sqrt(a * b)) / (a + b + 0.8 * Math.sqrt(a * b));
  const expected = tie / 2 + a / (a + b + 0.8 * Math.sqrt(a * b));
  expect(Math.abs(rate - expected)).toBeLessThan(within(expected, count));
});

test('deterministic labels follow the reward, but for flips and equal rewards', () => {
  for (const { chosen, rejected, rewards: earned } of generatePreferences({ kind: 'deterministic', rewards, count: 200 }, 1)) {
    expect(outcome(chosen)).toBeGreaterThan(outcome(rejected));
    expect(earned).toEqual([rewards[0]?.[outcome(chosen)], rewards[0]?.[outcome(rejected)]]);
  }
  const { rate, count } = winRate({ kind: 'deterministic', rewards: [[1, 1, 0]], count: n }, 0, 1);
  expect(Math.abs(rate - 0.5)).toBeLessThan(within(0.5, count));
});

test('the same seed gives the same pairs, another seed others; prompts take turns', () => {
  const data: PreferenceData = {
    kind: 'bradley-terry',
    rewards: [
      [0, 1, 2],
      [2, 1, 0],
    ],
    count: 40,
  };
  expect(generatePreferences(data, 8)).toEqual(generatePreferences(data, 8));
  expect(generatePreferences(data, 9)).not.toEqual(generatePreferences(data, 8));
  expect(
    generatePreferences(data, 8)
      .map(({ prompt }) => prompt)
      .slice(0, 4),
  ).toEqual([0, 1, 0, 1]);
});

test('coverage and sampler limit what appears', () => {
  const twenty = [Array.from({ length: 20 }, (_, y) => y)];
  const seen = new Set(
    generatePreferences({ kind: 'deterministic', rewards: twenty, count: 500, coverage: 0.25 }, 2).flatMap(({ chosen, rejected }) => [
      chosen,
      rejected,
    ]),
  );
  expect(seen.size).toBe(5);
  const sampler = [[0, Math.log(3), -1000, Math.log(6)]];
  const pairs = generatePreferences({ kind: 'deterministic', rewards, count: n, sampler }, 2);
  expect(pairs.some(({ chosen, rejected }) => chosen === 2 || rejected === 2)).toBe(false);
  // P({1, 3}) without replacement: 0.3 · 0.6 / 0.7 + 0.6 · 0.3 / 0.4
  const expected = (0.3 * 0.6) / 0.7 + (0.6 * 0.3) / 0.4;
  const rate = pairs.filter(({ chosen, rejected }) => outcome(chosen) === 3 && rejected === 1).length / n;
  expect(Math.abs(rate - expected)).toBeLessThan(within(expected, n));
});

test('best-of-n pairs the best of a group with its worst', () => {
  const pairs = generatePreferences({ kind: 'best-of-n', rewards, count: n, n: 3 }, 4);
  const rate = pairs.filter(({ chosen }) => chosen === 3).length / pairs.length;
  // P(3 in the group | not all alike) = (1 - (3/4)³ - 1/64) / (1 - 4/64)
  const expected = (1 - 27 / 64 - 1 / 64) / (1 - 4 / 64);
  expect(Math.abs(rate - expected)).toBeLessThan(within(expected, n));
  for (const { chosen, rejected } of pairs) expect(outcome(chosen)).toBeGreaterThan(outcome(rejected));
});

test("rankings have Plackett and Luce's win rates, and weights that sum to 1", () => {
  const data: PreferenceData = { kind: 'ranking', rewards, count: 8000, k: 3 };
  const pairs = generatePreferences(data, 6);
  expect(pairs.length).toBe(3 * 8000);
  expect(pairs.slice(0, 3).reduce((sum, { weight = 0 }) => sum + weight, 0)).toBeCloseTo(1, 12);
  const { rate, count } = winRate(data, 3, 2);
  expect(Math.abs(rate - sigmoid(1))).toBeLessThan(within(sigmoid(1), count)); // any two are ranked as Bradley and Terry would
});

test('data that cannot be generated is refused by name', () => {
  const refused = (data: unknown, path: string) => {
    let error: unknown;
    try {
      resolveData({
        policy: { kind: 'tabular', logits: [[0, 0]] },
        pairs: [],
        data: data as PreferenceData,
        objective: { name: 'dpo' },
        optimizer: { kind: 'sgd', learningRate: 1, steps: 1 },
      });
    } catch (reason) {
      error = reason;
    }
    expect(error).toBeInstanceOf(ExperimentError);
    expect((error as ExperimentError).path).toBe(path);
  };
  refused({ kind: 'deterministic', rewards: [[1]], count: 1 }, 'data.rewards');
  refused({ kind: 'deterministic', rewards, count: 0 }, 'data.count');
  refused({ kind: 'bradley-terry', rewards, count: 1, flipRate: 2 }, 'data.flipRate');
  refused({ kind: 'bradley-terry', rewards, count: 1, temperature: 0 }, 'data.temperature');
  refused({ kind: 'ranking', rewards, count: 1, k: 5 }, 'data.k');
  refused({ kind: 'elo', rewards, count: 1 }, 'data.kind');
  refused({ kind: 'deterministic', rewards, count: 1, sampler: [[0]] }, 'data.sampler');
});
