import { expect, test } from 'vitest';
import {
  defaultSettings,
  noOverNever,
  type ToySettings,
  tokens,
  toyPolicy,
  toyStart,
} from '../../src/atlas/toys/displacement/no-over-never.ts';
import { softmax } from '../../src/core/softmax.ts';
import { dot } from '../../src/core/vectors.ts';
import { forcesOf } from '../../src/shell/losses/objective-view.ts';
import { openEngine } from '../../src/train/engine.ts';
import { halvesOf, type Later, laterHalvesOf, whyUp } from '../../src/views/displacement/picture/sentence/why-up.ts';
import { pairStateAt } from '../../src/views/displacement/story.ts';

const cast = { tokens, chosen: 0, rejected: 1 };
/** Never at right angles to what it has in common with No */
const apart: ToySettings['vectors'] = {
  hidden: defaultSettings.vectors.hidden,
  unembedding: defaultSettings.vectors.unembedding.map((row, token) => (token === 1 ? [1, 1, 0.2] : row)),
};
const sft: ToySettings['objective'] = { expression: '-logsigmoid(beta * margin) - lambda * logp_w', params: { beta: 0.1, lambda: 0.3 } };

/** log π(chosen) after a step of this size along the gradient of the hidden vector, by finite differences of the logits alone. */
function logpAfter({ scale, vectors }: ToySettings, forces: readonly [pull: number, push: number], size: number): number {
  const { hidden, unembedding } = toyPolicy(scale, 'hidden', vectors);
  const h = hidden[0] ?? [];
  const logp = (at: readonly number[], token: number): number =>
    Math.log(softmax(unembedding.map((row) => dot(row, at)))[token] ?? Number.NaN);
  const nudge = 1e-6;
  const gradient = h.map((_, k) => {
    const [up, down] = [1, -1].map((sign) => h.map((value, i) => value + (i === k ? sign * nudge : 0)));
    const slope = (token: number): number => (logp(up ?? [], token) - logp(down ?? [], token)) / (2 * nudge);
    return forces[0] * slope(cast.chosen) - forces[1] * slope(cast.rejected);
  });
  return logp(
    h.map((value, k) => value + size * (gradient[k] ?? 0)),
    cast.chosen,
  );
}

test.each([
  ['DPO', defaultSettings],
  ['DPO, Never moved', { ...defaultSettings, vectors: apart }],
  ['a likelihood term', { ...defaultSettings, objective: sft }],
  ['IPO at twice the scale', { ...defaultSettings, objective: { name: 'ipo', params: { beta: 0.1 } }, scale: 2 }],
] as const)('the halves are what finite differences give: %s', (_, settings: ToySettings) => {
  const { pull, push } = halvesOf(settings, cast);
  const { chosen, rejected } = forcesOf(settings.objective)(toyStart(settings.vectors));
  const size = 1e-5 / Math.max(chosen, rejected);
  const slope = (forces: readonly [number, number]): number =>
    (logpAfter(settings, forces, size) - logpAfter(settings, forces, -size)) / (2 * size);
  // a central difference of length s is off by O(s²) and by rounding 1e-16 / s; the inner one by 1e-10 of the slopes
  for (const [half, forces] of [
    [pull, [chosen, 0]],
    [push, [0, rejected]],
  ] as const)
    expect(Math.abs(half - slope(forces))).toBeLessThan(1e-6 * (Math.abs(pull) + Math.abs(push)));
});

test('the sign of their sum is that of the first update', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  for (const settings of [
    { ...defaultSettings, learningRate: 0.01 },
    { ...defaultSettings, learningRate: 0.01, vectors: apart },
    { ...defaultSettings, learningRate: 0.01, objective: sft },
  ]) {
    const { steps } = await engine.train(noOverNever({ ...settings, steps: 1 }));
    const { pull, push } = halvesOf(settings, cast);
    expect(Math.sign(pull + push)).toBe(Math.sign((steps[1]?.probs?.[0] ?? 0) - (steps[0]?.probs?.[0] ?? 0)));
  }
  engine.dispose();
});

test('later halves are the first ones where nothing has moved yet, and their sum has the sign of the next update', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  for (const objective of [defaultSettings.objective, sft]) {
    const settings = { ...defaultSettings, objective, learningRate: 0.05 };
    const { steps } = await engine.train(noOverNever(settings));
    const [start] = steps;
    if (!start) throw new Error('no steps');
    const at = (step: number) => {
      const now = steps[step] ?? start;
      return laterHalvesOf(settings, cast, { probs: now.probs ?? [], forces: forcesOf(objective)(pairStateAt(start, now)) });
    };
    const first = halvesOf(settings, cast);
    // the same sums in another order
    for (const key of ['pull', 'push'] as const) expect(Math.abs((at(0)?.[key] ?? Number.NaN) - first[key])).toBeLessThan(1e-12);
    for (const step of [10, 40, 90]) {
      const { pull, push } = at(step) ?? first;
      expect(Math.sign(pull + push)).toBe(Math.sign((steps[step + 1]?.probs?.[0] ?? 0) - (steps[step]?.probs?.[0] ?? 0)));
    }
  }
  engine.dispose();
  expect(laterHalvesOf({ ...defaultSettings, train: 'both' }, cast, { probs: [], forces: { chosen: 1, rejected: 1 } })).toBeNull();
});

test('is said only as far as it goes', () => {
  const { chosen, rejected } = forcesOf(defaultSettings.objective)(toyStart(defaultSettings.vectors));
  const probs = toyPolicy().unembedding.map((row) => Math.exp(dot(row, toyPolicy().hidden[0] ?? [])));
  const total = probs.reduce((a, b) => a + b, 0);
  const start = { probs: probs.map((p) => p / total), forces: { chosen, rejected } };
  const told = (settings: ToySettings, before: ToySettings | null, end: Later = start) =>
    whyUp(settings, before, cast, end)?.join('Never') ?? null;
  const { pull, push } = halvesOf(defaultSettings, cast);
  const share = `${((-100 * push) / pull).toFixed(0)}\u202f%`;
  expect(-push / pull).toBeGreaterThan(1); // it falls
  // the push has not faded: that is no reason for it to stay up
  expect(told(defaultSettings, null)).toBeNull();
  const weak = { ...start, forces: { chosen: chosen / 10, rejected: rejected / 10 } };
  expect(told(defaultSettings, null, weak)).toMatch(/at first; 10\u202f% of that push is left\.$/);
  expect(told(defaultSettings, defaultSettings, weak)).not.toContain('before');
  const unequal = { ...start, forces: { chosen, rejected: rejected / 4 } };
  expect(told(defaultSettings, null, unequal)).toBe(
    `pushing Never down takes ${share} of what its own pull gives at first, ${((-25 * push) / pull).toFixed(0)}\u202f% at the end.`,
  );
  expect(told({ ...defaultSettings, objective: sft }, defaultSettings)).toMatch(
    new RegExp(`^pushing Never down takes only \\d+\u202f% of what its own pull gives at first \\(${share} before\\)\\.$`),
  );
  const opposed = { ...apart, unembedding: apart.unembedding.map((row, token) => (token === 1 ? [2, -1, -1] : row)) };
  expect(halvesOf({ ...defaultSettings, vectors: opposed }, cast).push).toBeGreaterThan(0);
  expect(told({ ...defaultSettings, vectors: opposed }, null)).toBe('at first even pushing Never down lifts it.');
  // nothing pushes Never down
  expect(told({ ...defaultSettings, vectors: opposed, objective: { expression: '-logp_w', params: {} } }, null)).toBeNull();
  // the loss does not pull on No at all: neither half tells
  expect(told({ ...defaultSettings, objective: { expression: 'logp_l', params: {} } }, null)).toBeNull();
});
