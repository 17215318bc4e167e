import { expect, test } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { displacementsOf, moveOfProbability, overtakingOf, type RegimeState, swingOf } from '../../src/core/regime.ts';
import { openEngine } from '../../src/index.ts';
import { tellRun } from '../../src/shell/runs/run-words.ts';

const pair = { chosen: 0, rejected: 1 };

async function statesOf(change: Partial<ToySettings>): Promise<RegimeState[]> {
  const engine = await openEngine({ backend: 'cpu' });
  const { steps } = await engine.train(noOverNever({ ...defaultSettings, ...change }));
  engine.dispose();
  return steps.map(({ step, loss, probs = [] }) => ({ step, loss, probs }));
}

/** A run of made probabilities of the chosen, the rejected and a third answer, whose loss falls. */
const made = (chosen: readonly number[]): RegimeState[] =>
  chosen.map((p, step) => ({ step, loss: 1 - step / 100, probs: [p, 0.05, 0.95 - p] }));

test('five points are a move, and less is none', () => {
  expect([0.5, 0.451, 0.45, 0.549, 0.55].map((now) => moveOfProbability(0.5, now))).toEqual(['stays', 'stays', 'falls', 'stays', 'rises']);
});

test('in the toy as it comes the chosen answer falls for good, and Yes overtakes it', async () => {
  const states = await statesOf({});
  const displacements = displacementsOf(states, pair.chosen);
  expect(displacements).toHaveLength(1);
  expect(displacements[0]).toMatchObject({ to: states.length - 1, kind: 'lasting' });
  expect(swingOf(states.map(({ probs }) => probs?.[0] ?? Number.NaN))).toBeNull();
  const { step = -1, by } = overtakingOf(states, pair) ?? {};
  expect(by).toBe(2);
  const at = (index: number): readonly number[] => states[index]?.probs ?? [];
  expect(at(step)[2] ?? Number.NaN).toBeGreaterThan(at(step)[0] ?? Number.NaN);
  expect(at(step - 1)[2] ?? Number.NaN).toBeLessThanOrEqual(at(step - 1)[0] ?? Number.NaN);
});

test('a fall that is made good is transient, in as many stretches as there were', () => {
  expect(displacementsOf(made([0.6, 0.5, 0.5, 0.6, 0.5, 0.6, 0.5]), 0)).toEqual([
    { from: 1, to: 2, kind: 'transient' },
    { from: 4, to: 4, kind: 'transient' },
    { from: 6, to: 6, kind: 'lasting' },
  ]);
});

test('a fall while the loss rises is no displacement, nor one against a start that is lower', () => {
  const states = made([0.6, 0.4, 0.2]);
  expect(
    displacementsOf(
      states.map((state) => ({ ...state, loss: 1 + state.step })),
      0,
    ),
  ).toEqual([]);
  expect(displacementsOf(states, 0, ({ step }) => states[step])).toEqual([]);
});

test('an answer that stood above the chosen one from the start overtakes nobody, nor does the rejected one', () => {
  expect(overtakingOf(made([0.4, 0.4, 0.3]), pair)).toBeNull();
  const states = [0.1, 0.5].map((rejected, step) => ({ step, loss: 1 - step, probs: [0.6 - step / 5, rejected, 0.3 - rejected / 2] }));
  expect(overtakingOf(states, pair)).toBeNull();
});

test('a run that swings by more than five points to its end says so; one that settles, or moves one way, does not', () => {
  const kink = Array.from({ length: 40 }, (_, step) => 0.5 + 0.05 * (-1) ** step);
  expect(swingOf(kink)).toEqual([0.45, 0.55]);
  expect(swingOf(kink.map((p, step) => 0.5 + (p - 0.5) * 0.8 ** step))).toBeNull();
  expect(swingOf(kink.map((_, step) => step / 40))).toBeNull();
  // the last bits of numbers that have come to rest go up and down, too
  expect(swingOf(kink.map((_, step) => (step < 33 ? step / 40 : 0.85 + 1e-8 * (-1) ** step)))).toBeNull();
});

test('a run is told by the same rule: each stretch, who overtakes, and that it swings', () => {
  const told = (chosen: readonly number[]): string => tellRun(made(chosen), { tokens: ['No', 'Never', 'Yes'], ...pair });
  expect(told([0.6, 0.5, 0.5, 0.6])).toMatch(/: displaced from update 1 to 2\.$/);
  expect(told([0.6, 0.58])).toMatch(/: never displaced by five points\.$/);
  expect(told([0.6, 0.4])).toMatch(/: displaced from update 1 on; overtaken by “Yes” at update 1\.$/);
  expect(told(Array.from({ length: 40 }, (_, step) => 0.6 + 0.04 * (-1) ** step))).toMatch(
    /still swings between 56\.0.% and 64\.0.% at the end/,
  );
});

test('a loss with a kink swings in the toy where the step is large, and not where it is too small to reach the kink', async () => {
  const objective = { expression: 'max(margin - 2, 2 - margin)', params: {} };
  const [large, small] = await Promise.all([0.3, 0.001].map((learningRate) => statesOf({ objective, learningRate, steps: 200 })));
  const swings = [large, small].map((states = []) => swingOf(states.map(({ probs }) => probs?.[0] ?? Number.NaN)));
  expect(swings).toEqual([expect.anything(), null]);
});

test('a run without states was never displaced', () => {
  expect(displacementsOf([], 0)).toEqual([]);
  expect(overtakingOf([], pair)).toBeNull();
});
