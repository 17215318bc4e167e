import { describe, expect, test } from 'vitest';
import { Draws } from '../../../src/atlas/toys/draws.ts';
import {
  countsOf,
  discount,
  expectedCounts,
  goalState,
  moved,
  moves,
  optimalMoves,
  optimalValues,
  regretCounts,
  states,
  uniformMoves,
  worth,
} from '../../../src/atlas/toys/processes/chain.ts';
import { drawTurns, expectedReturn, reached, rollout } from '../../../src/atlas/toys/processes/turns.ts';
import { mean } from '../../../src/core/numerics.ts';
import { softmax } from '../../../src/core/softmax.ts';

const cost = { step: -1, goal: 0 };

describe('a line with a goal', () => {
  test('costs -(1 - γ^d) / (1 - γ) from d steps before the goal, and goes right', () => {
    for (const [state, value] of optimalValues(cost).entries())
      expect(value).toBeCloseTo(-(1 - discount ** (goalState - state)) / (1 - discount), 10);
    for (const row of optimalMoves(cost).slice(0, goalState)) expect(row).toEqual([0, 0, 1]);
  });

  test('is not left for the goal where each step is a gain', () => {
    // a step is worth 1 for ever, and the goal ends that
    const gains = optimalMoves({ step: 1, goal: 0 });
    for (const row of gains.slice(0, goalState - 1)) expect(row).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(gains[goalState - 1]).toEqual([0.5, 0.5, 0]);
  });

  test('has values that are linear in its rewards under a fixed policy', () => {
    const reward = { step: -0.4, goal: 1.3 };
    const counts = expectedCounts(optimalMoves(reward));
    for (const [state, value] of optimalValues(reward).entries()) expect(worth(counts[state] ?? [0, 0], reward)).toBeCloseTo(value, 9);
  });

  test('has returns of simulated walks that agree with the expected counts of random moves', () => {
    const draws = new Draws(1);
    const expected = expectedCounts(uniformMoves)[2] ?? [0, 0];
    const walks = Array.from({ length: 1500 }, () => {
      const walk = [2];
      while (walk.at(-1) !== goalState && walk.length < 400) walk.push(moved(walk.at(-1) ?? 0, moves[draws.below(moves.length)] ?? 0));
      return countsOf(walk);
    });
    for (const which of [0, 1] as const) {
      const values = walks.map((counts) => counts[which]);
      const deviation = Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
      expect(Math.abs(mean(values) - expected[which])).toBeLessThan((4 * deviation) / Math.sqrt(values.length) + 1e-3);
    }
  });

  test('has the regret of a walk as the sum of the advantages that it gave up', () => {
    const draws = new Draws(2);
    const values = optimalValues(cost);
    const counts = expectedCounts(optimalMoves(cost));
    for (let i = 0; i < 30; i++) {
      const walk = [draws.below(goalState)];
      for (let t = 0; t < 3; t++) walk.push(moved(walk.at(-1) ?? 0, moves[draws.below(moves.length)] ?? 0));
      const advantages = walk.slice(1).map((state, t) => {
        const from = walk[t] ?? 0;
        return from === goalState ? 0 : discount ** t * (-1 + discount * (values[state] ?? 0) - (values[from] ?? 0));
      });
      expect(worth(regretCounts(walk, counts), cost)).toBeCloseTo(-advantages.reduce((a, b) => a + b, 0), 9);
    }
    expect(states).toBe(goalState + 1);
  });
});

test('conversations have the return that backward induction expects', () => {
  const draws = new Draws(3);
  const process = drawTurns(draws, 4, 3, [0.3, 1, 2]);
  for (const row of process.next.flat(2)) expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
  const policy = draws.normalRows(12, 3).map((row) => softmax(row));
  const returns = Array.from({ length: 4000 }, () => {
    const state = reached(process, policy, 0, draws);
    return rollout(process, policy, 0, state, draws.categorical(policy[state] ?? []), draws);
  });
  const deviation = Math.sqrt(mean(returns.map((value) => (value - mean(returns)) ** 2)));
  expect(Math.abs(mean(returns) - expectedReturn(process, policy))).toBeLessThan((4 * deviation) / Math.sqrt(returns.length));
});

test('a rollout from the last turn is its reward alone', () => {
  const draws = new Draws(4);
  const process = drawTurns(draws, 4, 3, [0.3, 1]);
  const policy = draws.normalRows(8, 3).map((row) => softmax(row));
  expect(rollout(process, policy, 1, 2, 1, draws)).toBe(process.rewards[1]?.[2]?.[1]);
});
