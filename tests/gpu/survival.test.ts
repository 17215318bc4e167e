import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SurvivingEngine } from '../../src/app/surviving-engine.svelte.ts';
import { RandomStream } from '../../src/core/rng.ts';
import { defaultSettings, noOverNever } from '../../src/experiments/no-over-never.ts';
import type { BackendKind, OnPolicyExperiment, Sweep, SweepResult, TargetExperiment } from '../../src/index.ts';
import { makeDevicesMortal } from './mortal-devices.ts';

// The engine that the page runs in a worker runs here in the page: only there can a test destroy its device.
beforeEach(() => {
  vi.stubGlobal('Worker', undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const experiment = noOverNever({ ...defaultSettings, steps: 120 });
const sweep: Sweep = {
  experiment: experiment,
  x: { path: 'objective.params.beta', values: Array.from({ length: 16 }, (_, i) => 0.02 * (i + 1)) },
  y: { path: 'optimizer.learningRate', values: Array.from({ length: 16 }, (_, i) => 0.1 * (i + 1)) },
};
const rewards = [0, 1, 0.2, 0.7, 0.4];
const onPolicy: OnPolicyExperiment = {
  policy: { kind: 'tabular', logits: [[0, 0, 0, 0, 0]] },
  rewards: [rewards],
  method: { kind: 'reinforce' },
  sampling: { groups: 2, n: 4, rounds: 8, updates: 1 },
  optimizer: { kind: 'sgd', learningRate: 0.5 },
  seed: 5,
};
const target: TargetExperiment = {
  policy: { kind: 'tabular', logits: [[0, 1, 0, 0, 2]] },
  targetLogps: [rewards.map((reward) => reward - Math.log(rewards.reduce((sum, r) => sum + Math.exp(r), 0)))],
  direction: 'reverse',
  optimizer: { kind: 'sgd', learningRate: 0.5, steps: 60 },
};

/** A run as the page drives it: a few updates at a time, every state recorded, the parameters read at the end. */
async function drive(engine: SurvivingEngine) {
  const run = await engine.startRun(experiment);
  const steps = await run.advance(0, [0]);
  for (let updates = 1; run.step < experiment.optimizer.steps; updates = (updates % 7) + 1) {
    const count = Math.min(updates, experiment.optimizer.steps - run.step);
    const from = run.step;
    steps.push(
      ...(await run.advance(
        count,
        Array.from({ length: count }, (_, i) => from + 1 + i),
      )),
    );
  }
  const final = await run.parameters();
  run.dispose();
  return { steps, final };
}

const works: Readonly<Record<string, (engine: SurvivingEngine) => Promise<unknown>>> = {
  'a run driven step by step': drive,
  training: (engine) => engine.train(experiment),
  sweeping: (engine) => engine.sweep(sweep),
  'on-policy rounds': (engine) => engine.trainOnPolicy(onPolicy),
  'a descent to a target': (engine) => engine.matchTarget(target),
  diagnosis: (engine) => engine.diagnose(experiment),
};

const open = (backend: BackendKind) => SurvivingEngine.open(backend, { pauses: [0, 0] });

async function resultOn<T>(backend: BackendKind, work: (engine: SurvivingEngine) => Promise<T>) {
  const engine = await open(backend);
  const result = await work(engine);
  const { news, backend: last } = engine;
  engine.dispose();
  return { result, news, backend: last };
}

describe.each(Object.entries(works))('%s', (name, work) => {
  test('on devices destroyed at random moments ends as it does undisturbed, to the bit', async () => {
    const undisturbed = await resultOn('webgpu', work);
    const random = new RandomStream(name.length, 99);
    const deaths = makeDevicesMortal([1, 1 + random.below(12), 1 + random.below(12)]);
    const disturbed = await resultOn('webgpu', work);
    expect(disturbed.backend).toBe('webgpu');
    expect(disturbed.news?.kind).toBe('back');
    expect(disturbed.result).toEqual(undisturbed.result);
    expect(deaths.count).toBeGreaterThan(0);
  });
});

const vanished = { backend: 'cpu', news: { kind: 'gone', reason: expect.stringMatching(/no graphics adapter/) } };

describe('where the adapter vanishes for good', () => {
  const random = new RandomStream(1, 97);

  test.each(Object.entries(works).slice(3))('%s is done by the CPU engine, with its numbers', async (_, work) => {
    const { result } = await resultOn('cpu', work);
    makeDevicesMortal([1 + random.below(3)], { vanishes: true });
    expect(await resultOn('webgpu', work)).toEqual({ ...vanished, result });
  });

  test('a run keeps the steps that it had, and ends with the bits of the CPU engine', async () => {
    const [onGpu, onCpu] = [await resultOn('webgpu', drive), await resultOn('cpu', drive)];
    makeDevicesMortal([20], { vanishes: true });
    const { result, ...state } = await resultOn('webgpu', drive);
    expect(state).toEqual(vanished);
    expect(result.final).toEqual(onCpu.result.final);
    const kept = result.steps.findIndex((step, i) => JSON.stringify(step) !== JSON.stringify(onGpu.result.steps[i]));
    expect(kept).toBeGreaterThan(0);
    expect(result.steps.slice(kept)).toEqual(onCpu.result.steps.slice(kept));
  });

  test('a sweep keeps the rows that it had, and trains the others on the CPU engine', async () => {
    const sweepWhole = (engine: SurvivingEngine) => engine.sweep(sweep);
    const [onGpu, onCpu] = [await resultOn('webgpu', sweepWhole), await resultOn('cpu', sweepWhole)];
    const deaths = makeDevicesMortal([Number.POSITIVE_INFINITY], { vanishes: true });
    const { result, ...state } = await resultOn('webgpu', (engine) => engine.sweep(sweep, { onPartial: () => deaths.kill() }));
    expect(state).toEqual(vanished);
    const columns = sweep.x.values.length;
    const row = ({ margin }: SweepResult, y: number) => [...margin.subarray(y * columns, (y + 1) * columns)];
    const rows = sweep.y.values.map((_, y) => y);
    const kept = rows.filter((y) => row(result, y).join() === row(onGpu.result, y).join());
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length).toBeLessThan(rows.length);
    for (const y of rows) if (!kept.includes(y)) expect(row(result, y)).toEqual(row(onCpu.result, y));
    expect(result.runs).toBe(columns * rows.length);
  });
});
