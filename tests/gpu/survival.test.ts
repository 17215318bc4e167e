import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultSettings, noOverNever, toyVectors } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { RandomStream } from '../../src/core/rng.ts';
import {
  type BackendKind,
  type Experiment,
  measureNames,
  type OnPolicyExperiment,
  type Sweep,
  type SweepResult,
  type TargetExperiment,
  type TrialExperiment,
} from '../../src/index.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { SurvivingEngine } from '../../src/shell/engine/surviving-engine.svelte.ts';
import { nextFrame } from '../../src/shell/runs/timeline.svelte.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';
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

/** Some that share an ensemble, some in stages, and some that sample. */
const trials: readonly TrialExperiment[] = Array.from({ length: 12 }, (_, seed) => {
  const drawn: Experiment = { ...experiment, policy: { ...experiment.policy, noise: 0.1 }, seed };
  if (seed % 4 === 1) return { ...drawn, stages: [{ objective: { name: 'ipo' } }] };
  return seed % 4 === 2 ? { ...onPolicy, seed } : drawn;
});
const tryAll = (engine: SurvivingEngine) => engine.trials(trials, { measures: measureNames });

/** A run as the page drives it: a few updates at a time, every state recorded, the parameters read at the end. */
async function drive(engine: SurvivingEngine) {
  const run = await engine.startRun(experiment);
  const steps = await run.advance(0, [0]);
  for (let updates = 2; run.step < experiment.optimizer.steps; updates = (updates % 6) + 2) {
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
  trials: tryAll,
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
    const deaths = makeDevicesMortal([1, 30 + random.below(20), 30 + random.below(20)]);
    const disturbed = await resultOn('webgpu', work);
    expect(disturbed.backend, JSON.stringify(disturbed.news)).toBe('webgpu');
    expect(disturbed.news?.kind).toBe('back');
    expect(disturbed.result).toEqual(undisturbed.result);
    // a driven run submits at every call; whole calls may be done before a later device dies
    expect(deaths.count).toBeGreaterThan(work === drive ? 2 : 0);
  });
});

const vanished = { backend: 'cpu', news: { kind: 'gone', reason: expect.stringMatching(/no graphics adapter/) } };

describe('where the adapter vanishes for good', () => {
  const random = new RandomStream(1, 97);

  test.each(Object.entries(works).slice(4))('%s is done by the CPU engine, with its numbers', async (_, work) => {
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

test('trials keep what has finished where the adapter vanishes for good, and train the others on the CPU engine', async () => {
  const [onGpu, onCpu] = [await resultOn('webgpu', tryAll), await resultOn('cpu', tryAll)];
  const deaths = makeDevicesMortal([Number.POSITIVE_INFINITY], { vanishes: true });
  const told: number[] = [];
  const { result, ...state } = await resultOn('webgpu', (engine) =>
    engine.trials(trials, {
      measures: measureNames,
      onPartial: (finished, fresh) => {
        told.push(...fresh);
        if (finished.size > 6) deaths.kill();
      },
    }),
  );
  expect(state).toEqual(vanished);
  expect(result).toHaveLength(trials.length);
  expect(told.sort((a, b) => a - b)).toEqual([...trials.keys()]); // none was trained twice
  const bitsOf = (trial: unknown) => JSON.stringify(trial);
  const kept = result.map((trial, i) => bitsOf(trial) === bitsOf(onGpu.result[i]) && bitsOf(trial) !== bitsOf(onCpu.result[i]));
  expect(kept.filter(Boolean).length).toBeGreaterThanOrEqual(6);
  expect(kept.filter(Boolean).length).toBeLessThan(trials.length);
  for (const [i, trial] of result.entries()) if (!kept[i]) expect(trial).toEqual(onCpu.result[i]);
});

describe('dragging', () => {
  /** The toy with a token dragged through places, and left where it began another run. */
  async function drag(session: Session, between: (place: number) => void = () => {}): Promise<void> {
    session.owner.onchange = () => session.changeEngine();
    await session.owner.open();
    for (let place = 1; place <= 12; place++) {
      const [first = [], ...others] = toyVectors.unembedding;
      session.change({ vectors: { ...toyVectors, unembedding: [first.map((entry) => entry + 0.05 * place), ...others] } });
      between(place);
      for (let frame = 0; frame < place % 3; frame++) await nextFrame();
    }
    await expect.poll(() => session.status, { timeout: 120_000 }).toBe('finished');
  }
  const leave = (session: Session): void => {
    session.dispose();
    session.owner.dispose();
  };
  const create = (choice: BackendKind) =>
    Session.create(new PageEngineOwner(choice), { calm: true, link: { settings: { ...defaultSettings, steps: 40 }, step: null } });

  test('on devices destroyed meanwhile ends with the undisturbed run', async () => {
    const [undisturbed, disturbed] = [await create('webgpu'), await create('webgpu')];
    await drag(undisturbed);
    const deaths = makeDevicesMortal([Number.POSITIVE_INFINITY, 3, 5]);
    await drag(disturbed, (place) => {
      if (place % 5 === 0) deaths.kill();
    });
    expect(deaths.count).toBeGreaterThan(1);
    expect(disturbed.steps).toEqual(undisturbed.steps);
    expect(disturbed.engine?.backend).toBe('webgpu');
    for (const session of [undisturbed, disturbed]) leave(session);
  });

  test('where the adapter vanishes ends with the run of the CPU engine', async () => {
    const [onCpu, disturbed] = [await create('cpu'), await create('webgpu')];
    await drag(onCpu);
    const deaths = makeDevicesMortal([Number.POSITIVE_INFINITY], { vanishes: true });
    await drag(disturbed, (place) => {
      if (place === 7) deaths.kill();
    });
    expect(disturbed.steps).toEqual(onCpu.steps);
    expect(disturbed.engine?.news?.kind).toBe('gone');
    for (const session of [onCpu, disturbed]) leave(session);
  });
});

test('work that is too large for the device is done by the CPU engine, which says so', async () => {
  const engine = await open('webgpu');
  const columns = 200;
  const large: Experiment = { ...experiment, policy: { kind: 'tabular', logits: [new Array(columns).fill(0)] } };
  const expected = await resultOn('cpu', (cpu) => cpu.train(large));
  // A device that allows next to nothing, from here on.
  vi.spyOn(GPUSupportedLimits.prototype, 'maxBufferSize', 'get').mockReturnValue(256);
  expect(await engine.train(large)).toEqual(expected.result);
  expect(engine.backend).toBe('cpu');
  expect(engine.news).toMatchObject({ kind: 'limits', reason: expect.stringMatching(/this adapter allows 256/) });
  engine.dispose();
});

test('a GPU that is lost again and again is given up for the CPU engine', async () => {
  const deaths = makeDevicesMortal([1, 1, 1, 1, 1, 1, 1, 1]);
  const { backend, news, result } = await resultOn('webgpu', (engine) => engine.train(experiment));
  const onCpu = await resultOn('cpu', (engine) => engine.train(experiment));
  expect(backend).toBe('cpu');
  expect(news?.kind).toBe('gone');
  expect(deaths.count).toBe(4);
  expect(result).toEqual(onCpu.result);
});

test('cancelling while a device is lost rejects with the reason given', async () => {
  const deaths = makeDevicesMortal([Number.POSITIVE_INFINITY]);
  const engine = await open('webgpu');
  const abort = new AbortController();
  const trained = engine.train(
    { ...experiment, optimizer: { ...experiment.optimizer, steps: 100_000 }, record: [0] },
    {
      signal: abort.signal,
      onProgress: () => {
        deaths.kill();
        abort.abort(new Error('enough'));
      },
    },
  );
  await expect(trained).rejects.toThrow('enough');
  engine.dispose();
});
