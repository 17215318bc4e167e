import { expect, test } from 'vitest';
import { defaultSettings, noOverNever, type ToySettings } from '../../src/atlas/toys/no-over-never.ts';
import { moveOfLogp, moveOfProbability, type RegimeState, regimeOfRun, swingOf } from '../../src/core/regime.ts';
import { openEngine } from '../../src/index.ts';

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
  expect([-0.1, -0.099, 0, 0.099, 0.1].map(moveOfLogp)).toEqual(['falls', 'stays', 'stays', 'stays', 'rises']);
});

test('in the toy as it comes the chosen answer falls for good, and Yes overtakes it', async () => {
  const states = await statesOf({});
  const regime = regimeOfRun(states, pair);
  expect(regime).toMatchObject({ ends: 'falls', lossFell: true, displacement: 'lasting', takenOverBy: 2, swing: null });
  const { step = -1, by } = regime?.overtaken ?? {};
  expect(by).toBe(2);
  const at = (index: number): readonly number[] => states[index]?.probs ?? [];
  expect(at(step)[2] ?? Number.NaN).toBeGreaterThan(at(step)[0] ?? Number.NaN);
  expect(at(step - 1)[2] ?? Number.NaN).toBeLessThanOrEqual(at(step - 1)[0] ?? Number.NaN);
  expect(regime?.displaced).toHaveLength(1);
});

test('a fall that is made good is transient, in as many stretches as there were', () => {
  const regime = regimeOfRun(made([0.6, 0.5, 0.5, 0.6, 0.5, 0.6, 0.62]), pair);
  expect(regime).toMatchObject({ ends: 'stays', displacement: 'transient', takenOverBy: null });
  expect(regime?.displaced).toEqual([
    { from: 1, to: 2 },
    { from: 4, to: 4 },
  ]);
});

test('a fall while the loss rises is no displacement', () => {
  const states = made([0.6, 0.4, 0.2]).map((state) => ({ ...state, loss: 1 + state.step }));
  expect(regimeOfRun(states, pair)).toMatchObject({ ends: 'falls', lossFell: false, displacement: 'none' });
});

test('an answer that stood above the chosen one from the start overtakes nobody', () => {
  const regime = regimeOfRun(made([0.4, 0.4, 0.39]), pair);
  expect(regime).toMatchObject({ ends: 'stays', overtaken: null, takenOverBy: null });
});

test('a run that swings by more than five points to its end says so; one that settles, or moves one way, does not', () => {
  const kink = Array.from({ length: 40 }, (_, step) => 0.5 + 0.05 * (-1) ** step);
  expect(swingOf(kink)).toEqual([0.45, 0.55]);
  expect(swingOf(kink.map((p, step) => 0.5 + (p - 0.5) * 0.8 ** step))).toBeNull();
  expect(swingOf(kink.map((_, step) => step / 40))).toBeNull();
});

test('a loss with a kink swings in the toy where the step is large, and not where it is too small to reach the kink', async () => {
  const objective = { expression: 'max(margin - 2, 2 - margin)', params: {} };
  const [large, small] = await Promise.all([0.3, 0.001].map((learningRate) => statesOf({ objective, learningRate, steps: 200 })));
  expect(regimeOfRun(large ?? [], pair)?.swing).not.toBeNull();
  expect(regimeOfRun(small ?? [], pair)?.swing).toBeNull();
});

test('a run without states has no regime', () => {
  expect(regimeOfRun([], pair)).toBeNull();
});
