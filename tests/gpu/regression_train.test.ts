import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Backend } from '../../src/backend/backend.ts';
import { createCpuBackend } from '../../src/backend/cpu/cpu-backend.ts';
import { createWebGpuBackend } from '../../src/backend/webgpu/webgpu-backend.ts';
import type { OptimizerChoice, Pair, RegressionPolicy } from '../../src/core/experiment.ts';
import { findOptimizer, updateSettings } from '../../src/core/optimizer.ts';
import { RandomStream } from '../../src/core/rng.ts';
import { dot } from '../../src/core/vectors.ts';
import { resolveObjective } from '../../src/objectives/resolve.ts';
import '../../src/policies/further-kinds.ts';
import { definePolicy } from '../../src/policies/kinds.ts';
import type { Packable } from '../../src/train/trials/pack.ts';
import { Regressions } from '../../src/train/trials/regressions.ts';
import { expectWithin, float32Roundoff } from './tolerance.ts';

let gpu: Backend | null = null;
beforeAll(async () => {
  gpu = await createWebGpuBackend();
});
afterAll(() => gpu?.dispose());
const opened = (): Backend => {
  if (!gpu) throw new Error('The WebGPU backend did not open.');
  return gpu;
};

const [steps, mostBeta] = [12, 1];
const optimizers: readonly OptimizerChoice[] = [
  { kind: 'sgd', learningRate: 0.1, steps },
  { kind: 'momentum', learningRate: 0.03, steps, momentum: 0.5, weightDecay: 0.01 },
  { kind: 'nesterov', learningRate: 0.03, steps, momentum: 0.5 },
  // an epsilon as large as a gradient: where it nearly vanishes, Adam would else follow its rounding
  { kind: 'adam', learningRate: 0.02, epsilon: 0.5, steps },
];

interface Run extends Packable {
  readonly policy: RegressionPolicy;
}

/**
 * Runs that differ in all that may differ: features, numbers and pairs, of which every third run has those of the one before it, start, β,
 * learning rate and number of updates. Of the responses of a prompt, some are read by several pairs and some by none.
 */
function makeRuns(count: number, prompts: number, dimensions: number, choice: OptimizerChoice): Run[] {
  const random = new RandomStream(count, prompts);
  const vector = (length: number, size: number) => Array.from({ length }, () => Math.fround(size * random.normal()));
  const optimizer = findOptimizer(choice.kind);
  if (!optimizer) throw new Error(choice.kind);
  const size = 1 / Math.sqrt(dimensions);
  const runs: Run[] = [];
  for (let run = 0; run < count; run++) {
    const before = run % 3 === 2 ? runs.at(-1) : undefined;
    const objective = resolveObjective({ name: 'dpo', params: { beta: [0.2, 0.5, mostBeta][run % 3] ?? 0.5 } });
    const policy: RegressionPolicy = {
      kind: 'regression',
      inputs: before?.policy.inputs ?? Array.from({ length: prompts }, () => [vector(dimensions, 1), vector(dimensions, 1)]),
      targets: before?.policy.targets ?? Array.from({ length: prompts }, () => vector(2, 1)),
      weights: vector(dimensions, size),
    };
    const pairs = Array.from({ length: prompts + 1 }, (_, pair): Pair => {
      const prompt = pair < prompts - 1 ? pair : 0;
      const first = random.below(2);
      return { prompt, chosen: [first], rejected: [1 - first], weight: Math.fround(0.5 + random.uniform()) };
    });
    runs.push({
      ...{ key: '', policy, definition: definePolicy(policy), pairs: before?.pairs ?? pairs, optimizer, objective: () => objective },
      objectiveParameters: objective.parameterValues,
      settings: updateSettings({ ...choice, learningRate: choice.learningRate * (1 - (run % 4) / 5) }),
      steps: run % 7 === 6 ? 0 : run % 5 === 4 ? 5 : steps,
    });
  }
  return runs;
}

/** Trains in dispatches of so many updates each. */
async function train(backend: Backend, runs: readonly Run[], dispatches: readonly number[] = [steps]) {
  const regressions = new Regressions(backend, await backend.further(), runs);
  for (const updates of dispatches) regressions.train(updates);
  const ends = await regressions.ends();
  regressions.dispose();
  return ends;
}

/** How far float32 may be off the weights: see the comments. */
function driftOf(runs: readonly Run[], ends: readonly { parameters: ArrayLike<number> }[], rate: number): number {
  let [logits, values, features, weights, products, responses] = [0, 0, 0, 1, 0, 0];
  for (const [index, { policy }] of runs.entries())
    for (const theta of [policy.weights, Array.from(ends[index]?.parameters ?? [])])
      for (const [prompt, rows] of policy.inputs.entries())
        for (const [response, row] of rows.entries()) {
          const mean = dot(row, theta);
          // columns within 3 of their centre hold all mass that counts; value + shift is then within 3 of the mean
          const value = Math.abs(mean - (policy.targets[prompt]?.[response] ?? 0) + response) + 3;
          values = Math.max(values, value);
          logits = Math.max(logits, value * Math.abs(mean) + (Math.abs(mean) + 3) ** 2 / 2);
          features = Math.max(features, ...row.map(Math.abs));
          weights = Math.max(weights, ...theta.map(Math.abs));
          products = Math.max(products, row.length * dot(row.map(Math.abs), theta.map(Math.abs)));
          responses = 2 * policy.inputs.length;
        }
  // of a probability: its logit, the distance from the peak, and the log-total, four roundings of a logit; of the sums over columns and
  // responses: one for each term
  const ofPull = values * (4 * logits + 17 + responses) * float32Roundoff;
  // a mean, a sum of d products, moves the mean of the values by as much: their variance is 1
  const ofMean = products * float32Roundoff;
  // slopes are at most β, the weights of pairs at most 1.5, and two responses of each pair pull
  const ofGradient = 2 * 1.5 * mostBeta * features * (ofPull + ofMean);
  // velocities add up to twice a gradient; Adam divides by an epsilon of ½
  return (steps + 2) * (2 * weights * float32Roundoff + 2 * rate * ofGradient);
}

/** Compares the ends with the twin's. */
async function compare(runs: readonly Run[], rate: number): Promise<void> {
  const [single, double] = [await train(opened(), runs), await train(createCpuBackend(), runs)];
  const drift = driftOf(runs, double, rate);
  expect(drift).toBeLessThan(0.01);
  let moved = 0;
  for (const [index, { policy, steps: own }] of runs.entries()) {
    const { parameters, diverged } = single[index] as (typeof single)[number];
    expectWithin(parameters, double[index]?.parameters ?? [], () => drift, `run ${index}`);
    expect([diverged, double[index]?.diverged]).toEqual([false, false]);
    if (own === 0) expect([...parameters], `run ${index}`).toEqual(policy.weights);
    else moved = Math.max(moved, ...policy.weights.map((weight, k) => Math.abs(weight - (parameters[k] ?? 0))));
  }
  expect(moved).toBeGreaterThan(10 * drift);
}

describe.each(optimizers)('$kind', (optimizer) => {
  test('67 runs', () => compare(makeRuns(67, 3, 4, optimizer), optimizer.learningRate));
});

const [sgd, , , adam] = optimizers as [OptimizerChoice, OptimizerChoice, OptimizerChoice, OptimizerChoice];

test('a single run', () => compare(makeRuns(1, 2, 3, sgd), sgd.learningRate));

test('more contexts, pairs and weights than a workgroup has lanes', () => compare(makeRuns(5, 90, 70, adam), adam.learningRate));

test('several dispatches give the bits of one', async () => {
  const runs = makeRuns(9, 40, 6, adam);
  expect(await train(opened(), runs, [0, 1, 4, 0, 7])).toEqual(await train(opened(), runs));
});

test('a run that loses its numbers says so, stays where it was, and changes no other', async () => {
  const runs = makeRuns(7, 40, 6, sgd);
  const sound = await train(opened(), runs);
  const lost = 3;
  const broken = runs.map((run, index) => {
    const policy: RegressionPolicy = { ...run.policy, weights: run.policy.weights.map((weight, k) => (k === 1 ? Number.NaN : weight)) };
    return index === lost ? { ...run, definition: definePolicy(policy) } : run;
  });
  for (const backend of [opened(), createCpuBackend()]) {
    const ends = await train(backend, broken, [5, 7]);
    expect(ends.map(({ diverged }) => diverged)).toEqual(runs.map((_, index) => index === lost));
    expect([...(ends[lost]?.parameters ?? [])].map(Number.isNaN)).toEqual(runs[lost]?.policy.weights.map((_, k) => k === 1));
    if (backend.kind === 'webgpu') expect(ends.filter((_, index) => index !== lost)).toEqual(sound.filter((_, index) => index !== lost));
  }
});
