import { expect, test } from 'vitest';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { regressionLayout } from '../../src/backend/regression-layout.ts';
import { RandomStream } from '../../src/core/rng.ts';
import { type Experiment, measureNames, openEngine, type Pair, type RegressionPolicy } from '../../src/index.ts';
import { regressionCapacity } from '../../src/train/trials/regressions.ts';
import { numbersOf } from '../shared/same-numbers.ts';

const random = new RandomStream(5, 21);
const vector = (length: number) => Array.from({ length }, () => random.normal());
/** Two prompts with features, targets and pairs of their own: of two responses each, one is read twice and one by no pair. */
const experimentOf = (objective: Experiment['objective'], optimizer: Experiment['optimizer']): Experiment => ({
  policy: {
    kind: 'regression',
    inputs: Array.from({ length: 3 }, () => [vector(4), vector(4)]),
    targets: Array.from({ length: 3 }, () => vector(2)),
    weights: vector(4),
  },
  pairs: [
    { prompt: 0, chosen: [0], rejected: [1], weight: 0.3 + random.uniform() },
    { prompt: 1, chosen: [1], rejected: [0] },
    { prompt: 0, chosen: [0], rejected: [0] },
    { prompt: 2, chosen: [1], rejected: [1], weight: 0.4 },
  ].map((pair): Pair => ({ ...pair, rewards: [random.normal(), random.normal()], label: random.uniform() })),
  objective,
  optimizer,
});

const objectives: readonly Experiment['objective'][] = [
  { name: 'dpo', params: { beta: 0.7 } },
  { name: 'dpo', params: { beta: 4 } },
  { name: 'sft' },
  { expression: 'label * -logp_w - beta * logsigmoid(reward_w - logp_l + ref_l)', params: { beta: 0.4 } },
];
const optimizers: readonly Experiment['optimizer'][] = [
  { kind: 'adam', learningRate: 0.03, steps: 9 },
  { kind: 'adam', learningRate: 0.1, steps: 4, weightDecay: 0.1 },
  { kind: 'sgd', learningRate: 0.2, steps: 9 },
  { kind: 'momentum', learningRate: 0.05, steps: 9 },
  { kind: 'nesterov', learningRate: 0.05, steps: 0 },
  { kind: 'sgd', learningRate: 1e308, steps: 9 }, // loses its numbers
];

test('regressions with features of their own have the bits of each alone, and train together', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const experiments = Array.from({ length: 5 }, () =>
    objectives.flatMap((objective) => optimizers.map((optimizer) => experimentOf(objective, optimizer))),
  ).flat();
  const ended: number[] = [];
  const packed = await engine.trials(experiments, { measures: measureNames, onPartial: (_, fresh) => ended.push(fresh.length) });
  const alone = await engine.trials(experiments, { measures: measureNames, record: [0] });
  expect(Math.max(...ended)).toBe(20); // five seeds, two losses of one form, two rates of one optimiser
  expect(ended.reduce((sum, count) => sum + count, 0)).toBe(experiments.length);
  expect(packed.filter(({ diverged }) => diverged).length).toBe(alone.filter(({ diverged }) => diverged).length);
  expect(packed.filter(({ diverged }) => diverged).length).toBeGreaterThan(10);
  for (const [index, trial] of packed.entries()) {
    const { steps: _, ...other } = alone[index] ?? trial;
    expect(numbersOf(trial), JSON.stringify(experiments[index])).toEqual(numbersOf(other));
    expect(trial, JSON.stringify(experiments[index])).toEqual(other);
  }
  const moved = packed.filter(({ diverged }) => !diverged).map(({ final }) => final['weights']?.[0]);
  expect(new Set(moved).size).toBe(moved.length);
});

test('runs that differ in their features, their numbers or their pairs alone are told apart', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const one = experimentOf({ name: 'dpo', params: { beta: 0.7 } }, { kind: 'sgd', learningRate: 0.2, steps: 9 });
  const policy = one.policy as RegressionPolicy;
  const moved = (rows: readonly number[][]) => rows.map((row) => row.map((x) => x + 0.5));
  const experiments: Experiment[] = [
    one,
    { ...one, policy: { ...policy, inputs: policy.inputs.map(moved) } },
    { ...one, policy: { ...policy, targets: moved(policy.targets) } },
    { ...one, pairs: one.pairs.map((pair) => ({ ...pair, weight: 1 })) },
    { ...one, policy: { ...policy, weights: policy.weights.map((x) => x + 0.5) } },
  ];
  const packed = await engine.trials(experiments);
  const alone = await engine.trials(experiments, { record: [0] });
  expect(packed.map(({ final }) => final)).toEqual(alone.map(({ final }) => final));
  expect(new Set(packed.map(({ final }) => String(final['weights']))).size).toBe(5);
});

test('as many fit as the largest of their blocks allows', () => {
  const layout = regressionLayout({
    ...{ columns: 17, contexts: 240, dimensions: 35, pairs: 120, inputs: 2, chosenReferences: 1, rejectedReferences: 2 },
    ...{ objectiveParameters: 1, rule: 'adam', slots: 2 },
  });
  expect(layout.numbers.table.size).toBe(240 * 35 + 240 + 120 + 240);
  const at = (maxStorageLength: number) => regressionCapacity(layout, { ...createCpuBackend(), maxStorageLength });
  expect(at(17 + 90_000)).toBe(10);
  expect(at(17 + 8999)).toBe(0);
  expect(at(2 ** 31)).toBe(Math.floor(2 ** 23 / 9000));
});
