import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { isHeld } from '../../src/backend/ensemble-held.ts';
import { isPrivate, metricRows } from '../../src/backend/ensemble-layout.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import type { OptimizerChoice, Pair, Policy } from '../../src/core/experiment.ts';
import { findOptimizer, updateSettings } from '../../src/core/optimizer.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';
import '../../src/policies/further-kinds.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import { Ensemble, EnsembleProgram, type EnsembleRun, flatParameters } from '../../src/train/sweep/ensemble.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';
import { toyPolicies, toysSideBySide } from './toy-policies.ts';

let gpu: Backend | null = null;
beforeAll(async () => {
  gpu = await createWebGpuBackend();
});
afterAll(() => gpu?.dispose());
const opened = (): Backend => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  return gpu;
};

const steps = 12;
const optimizers: OptimizerChoice[] = [
  { kind: 'sgd', learningRate: 0.2, steps },
  { kind: 'momentum', learningRate: 0.05, steps, momentum: 0.8, weightDecay: 0.01 },
  { kind: 'nesterov', learningRate: 0.05, steps },
  // an epsilon as large as the rate: where a gradient nearly vanishes, Adam would else follow its rounding
  { kind: 'adam', learningRate: 0.02, epsilon: 0.02, steps },
];
/** Each policy has one of them in turn: every pair of a policy and an optimiser is a shader of its own, and compiles for seconds. */
const optimizerOf = (name: string): OptimizerChoice => {
  const optimizer = optimizers[Object.keys(toyPolicies).indexOf(name) % optimizers.length];
  if (!optimizer) throw new Error(name);
  return optimizer;
};

interface Ensembles {
  program: EnsembleProgram;
  runs: EnsembleRun[];
}

/**
 * Runs that differ in all that may differ: start, β, learning rate, number of updates (every fifth stops early, every seventh at once)
 * and the table of pairs, of which one holds the pairs turned round.
 */
function makeRuns(policy: Policy, pairs: readonly Pair[], optimizer: OptimizerChoice, count: number): Ensembles {
  const noisy = Array.from({ length: count }, (_, run) => definePolicy({ ...policy, noise: 0.1 }, run));
  const tables = [pairs, pairs.map((pair) => ({ ...pair, chosen: pair.rejected, rejected: pair.chosen }))];
  const objectives = [0.1, 0.5, 2].map((beta) => resolveObjective({ name: 'dpo', params: { beta } }));
  const definition = definePolicy(policy);
  const rewards = Array.from({ length: definition.prompts }, (_, prompt) =>
    Array.from({ length: definition.columns }, (__, v) => Math.sin(prompt + v)),
  );
  const known = findOptimizer(optimizer.kind);
  const [objective] = objectives;
  if (!known || !objective) throw new Error(optimizer.kind);
  const program = new EnsembleProgram(definition, tables, objective, known, definition.response === 'outcome' ? rewards : undefined);
  const runs = noisy.map((own, run): EnsembleRun => {
    const compiled = objectives[run % 3] ?? objective;
    return {
      table: run % 2,
      initial: flatParameters(own),
      settings: updateSettings({ ...optimizer, learningRate: optimizer.learningRate * (1 - (run % 4) / 5) }),
      steps: run % 7 === 6 ? 0 : run % 5 === 4 ? 5 : steps,
      objectiveParameters: compiled.parameterValues,
    };
  });
  return { program, runs };
}

/** Trains in dispatches of so many updates each. */
async function train(backend: Backend, { program, runs }: Ensembles, dispatches: readonly number[] = [steps]) {
  const ensemble = new Ensemble(backend, await backend.further(), program, runs);
  for (const updates of dispatches) ensemble.train(updates);
  const [metrics, parameters] = [await ensemble.measure(), await ensemble.parameters()];
  ensemble.dispose();
  return { metrics, parameters };
}

/** Compares all parameters and metrics with the twin's. */
async function compare(ensembles: Ensembles): Promise<void> {
  const { shape, layout } = ensembles.program;
  const [single, double] = [await train(opened(), ensembles), await train(createCpuBackend(), ensembles)];
  const count = ensembles.runs.length;
  // Each update rounds every parameter, and its gradient moves with those before it: two roundoffs of the largest parameter's binade.
  const finite = Array.from(double.parameters).filter(Number.isFinite);
  const size = finite.reduce((most, x) => Math.max(most, 2 ** Math.ceil(Math.log2(Math.max(1, Math.abs(x))))), 1);
  const drift = 2 * size * float32Roundoff * (steps + 2);
  expectWithin(single.parameters, double.parameters, () => drift, 'parameters');
  // A logit is a parameter or a sum of d products; a log-prob moves by as much as two logits, once for each token of a response.
  const ofLogit = shape.parameterisation === 'table' ? drift : 2 * shape.dimensions * size * drift;
  const bound = 2 * shape.positions * ofLogit;
  // ⟨s_w, s_l − s_w⟩ of sums of up to T hidden vectors: d products, whose factors are below 2 T size
  const ofSimilarity = shape.dimensions * 4 * shape.positions ** 2 * size * drift;
  for (const name of metricRows) {
    const within = () => (name === 'topGainer' || name === 'diverged' ? 0 : name === 'ches' ? ofSimilarity : bound);
    expectWithin(single.metrics[name], double.metrics[name], within, name);
  }
  expect([...double.metrics.diverged]).toEqual(new Array(count).fill(0));
  // runs of no update stay where they began
  for (const [run, { steps: own, initial }] of ensembles.runs.entries()) {
    if (own > 0) continue;
    const here = Array.from({ length: layout.parameters }, (_, i) => single.parameters[i * count + run] as number);
    expectWithin(here, Float32Array.from(initial), () => 0, `run ${run}`);
    expect(single.metrics.klToReference[run]).toBe(0);
  }
}

const makeToyRuns = (name: string, count: number): Ensembles => {
  const toy = toyPolicies[name];
  if (!toy) throw new Error(name);
  return makeRuns(toy.policy, toy.pairs, optimizerOf(name), count);
};

test.each(toysSideBySide)('%s: 67 runs', (name) => compare(makeToyRuns(name, 67)));

test('a single run', () => compare(makeToyRuns('bigram', 1)));

test('what does not fit private arrays trains in storage', async () => {
  const table = Array.from({ length: 31 }, (_, row) => Array.from({ length: 30 }, (__, v) => Math.fround(Math.sin(row * 30 + v))));
  const pairs: Pair[] = [{ prompt: 0, chosen: [3, 20, 7], rejected: [9, 20, 1] }];
  const ensembles = makeRuns({ kind: 'bigram', prompts: 1, vocab: 30, table }, pairs, { kind: 'sgd', learningRate: 0.2, steps }, 66);
  expect(isPrivate(ensembles.program.layout)).toBe(false);
  await compare(ensembles);
});

test('wide features, of which the weights alone are trained, train in storage as well', async () => {
  const [responses, dimensions] = [60, 11];
  const features = Array.from({ length: responses }, (_, y) =>
    Array.from({ length: dimensions }, (__, k) => Math.fround(Math.sin(y + 7 * k))),
  );
  const pairs = Array.from({ length: 40 }, (_, i): Pair => ({ prompt: 0, chosen: i, rejected: i + 20 }));
  const policy: Policy = { kind: 'logLinear', features, weights: [new Array<number>(dimensions).fill(0)] };
  const ensembles = makeRuns(policy, pairs, { kind: 'sgd', learningRate: 0.2, steps }, 3);
  expect(isPrivate(ensembles.program.layout)).toBe(false);
  await compare(ensembles);
});

describe.each(['tabular', 'tabular, one prompt', 'features, one prompt', 'sequence, factorised'])('%s', (name) => {
  test('several dispatches give the bits of one', async () => {
    const ensembles = makeToyRuns(name, 66);
    expect(isHeld(ensembles.program.shape, isPrivate(ensembles.program.layout))).toBe(name.endsWith('one prompt'));
    const whole = await train(opened(), ensembles);
    const cut = await train(opened(), ensembles, [0, 1, 4, 0, 7]);
    expect(cut.parameters).toEqual(whole.parameters);
    expect(cut.metrics).toEqual(whole.metrics);
  });

  test('a run that loses its numbers says so, and changes no other', async () => {
    const ensembles = makeToyRuns(name, 66);
    const sound = await train(opened(), ensembles);
    const lost = 64;
    const runs = ensembles.runs.map((run, index) =>
      index === lost ? { ...run, initial: run.initial.map((x, i) => (i === 1 ? Number.NaN : x)) } : run,
    );
    const broken = await train(opened(), { ...ensembles, runs });
    const twin = await train(createCpuBackend(), { ...ensembles, runs });
    for (const metric of metricRows) {
      const others = (values: ArrayLike<number>) => Array.from(values).filter((_, run) => run !== lost);
      expect(others(broken.metrics[metric]), metric).toEqual(others(sound.metrics[metric]));
      if (metric !== 'topGainer') expect(broken.metrics[metric][lost], metric).toBe(metric === 'diverged' ? 1 : Number.NaN);
      if (metric !== 'topGainer') expect(twin.metrics[metric][lost], metric).toBe(metric === 'diverged' ? 1 : Number.NaN);
    }
  });
});
