import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import type { BackendKind, FlowExperiment, OnPolicyExperiment, Sweep, TargetExperiment } from '../../src/index.ts';
import { PageEngineOwner } from '../../src/shell/engine/page-engine-owner.svelte.ts';
import { SurvivingEngine } from '../../src/shell/engine/surviving-engine.svelte.ts';
import { Session } from '../../src/views/displacement/session.svelte.ts';

// As in survival.test.ts, the engine runs in the page, where a test can reach its device.
beforeEach(() => {
  vi.stubGlobal('Worker', undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const experiment = noOverNever({ ...defaultSettings, steps: 30 });
const target: TargetExperiment = {
  policy: { kind: 'tabular', logits: [[0, 1, 0.5]] },
  targetLogps: [[-1, -2, Math.log(1 - Math.exp(-1) - Math.exp(-2))]],
  direction: 'forward',
  optimizer: { kind: 'sgd', learningRate: 0.5, steps: 30 },
};
const sweep: Sweep = {
  experiment,
  x: { path: 'objective.params.beta', values: [0.05, 0.1, 0.15] },
  y: { path: 'optimizer.learningRate', values: [0.5, 1] },
};

async function drive(engine: SurvivingEngine) {
  const run = await engine.startRun(experiment);
  const steps = [...(await run.advance(0, [0])), ...(await run.advance(10, [3, 10])), ...(await run.advance(20, [20, 30]))];
  const final = await run.parameters();
  run.dispose();
  return { steps, final };
}
const works: Readonly<Record<string, (engine: SurvivingEngine) => Promise<unknown>>> = {
  'a run driven step by step': drive,
  training: (engine) => engine.train(experiment),
  'a descent to a target': (engine) => engine.matchTarget(target),
  sweeping: (engine) => engine.sweep(sweep),
};

const open = (backend: BackendKind) => SurvivingEngine.open(backend, { pauses: [0] });

async function onCpu(work: (engine: SurvivingEngine) => Promise<unknown>): Promise<unknown> {
  const engine = await open('cpu');
  const result = await work(engine);
  engine.dispose();
  return result;
}

const rejecting = (name: string) => () => Promise.reject(new DOMException('injected', name));

/** What goes wrong on the device, and what the reader is told of it. */
const faults: Readonly<Record<string, { inject: () => void; reason: RegExp }>> = {
  'a shader that does not compile': {
    inject: () => {
      const create = GPUDevice.prototype.createShaderModule;
      vi.spyOn(GPUDevice.prototype, 'createShaderModule').mockImplementation(function (this: GPUDevice, { code, ...rest }) {
        return create.call(this, { ...rest, code: `${code}\nthis is no WGSL` });
      });
    },
    reason: /does not compile|GPU reported an error/,
  },
  'memory that runs out': {
    inject: () => {
      vi.spyOn(GPUDevice.prototype, 'popErrorScope').mockImplementation(async () => new GPUOutOfMemoryError('injected'));
    },
    reason: /The GPU ran out of memory.*injected/,
  },
  'a validation error': {
    inject: () => {
      vi.spyOn(GPUDevice.prototype, 'popErrorScope').mockImplementation(async () => new GPUValidationError('injected'));
    },
    reason: /The GPU reported an error: injected/,
  },
  'a buffer that cannot be made': {
    inject: () => {
      vi.spyOn(GPUDevice.prototype, 'createBuffer').mockImplementation(() => {
        throw new RangeError('injected');
      });
    },
    reason: /The browser said: injected/,
  },
  'a buffer that is not mapped': {
    inject: () => vi.spyOn(GPUBuffer.prototype, 'mapAsync').mockImplementation(rejecting('OperationError')),
    reason: /The GPU could not be read: injected/,
  },
  'a mapping that is aborted though the device lives': {
    inject: () => vi.spyOn(GPUBuffer.prototype, 'mapAsync').mockImplementation(rejecting('AbortError')),
    reason: /The GPU could not be read: injected/,
  },
  'a mapping that throws': {
    inject: () => {
      vi.spyOn(GPUBuffer.prototype, 'mapAsync').mockImplementation(() => {
        throw new TypeError('injected');
      });
    },
    reason: /The browser said: injected/,
  },
};

describe.each(Object.entries(faults))('%s', (_, { inject, reason }) => {
  test.each(Object.entries(works))('%s is done by the CPU engine, which says so', { timeout: 120_000 }, async (_name, work) => {
    const expected = await onCpu(work);
    const engine = await open('webgpu');
    inject();
    expect(await work(engine)).toEqual(expected);
    expect(engine.backend).toBe('cpu');
    expect(engine.news).toMatchObject({ kind: 'fault', reason: expect.stringMatching(reason) });
    engine.dispose();
  });
});

/** From here on every number that is read from a device is NaN. */
function breakNumbers(): void {
  const range = GPUBuffer.prototype.getMappedRange;
  vi.spyOn(GPUBuffer.prototype, 'getMappedRange').mockImplementation(function (this: GPUBuffer, ...args) {
    return new Float32Array(range.apply(this, args).byteLength / 4).fill(Number.NaN).buffer;
  });
}

const onPolicy: OnPolicyExperiment = {
  policy: { kind: 'tabular', logits: [[0, 0, 0]] },
  rewards: [[0, 1, 0.2]],
  method: { kind: 'reinforce' },
  sampling: { groups: 1, n: 4, rounds: 3, updates: 1 },
  optimizer: { kind: 'sgd', learningRate: 0.5 },
};
const flow: FlowExperiment = {
  policy: { kind: 'tabular', logits: [[0, 0.2, 0.1]] },
  pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
  objective: { name: 'dpo' },
  corners: [0, 1, 2],
  starts: [0, 1, 0, 1, 0, 0],
  clock: 'time',
  size: 0.1,
  steps: 3,
};
const numberWorks: typeof works = {
  ...works,
  'on-policy rounds': (engine) => engine.trainOnPolicy(onPolicy),
  'a flow': (engine) => engine.flow(flow),
  diagnosis: (engine) => engine.diagnose(experiment),
};

describe('a GPU that computes NaN', () => {
  test.each(Object.entries(numberWorks))('%s is done by the CPU engine, which says so', async (_, work) => {
    const expected = await onCpu(work);
    const engine = await open('webgpu');
    breakNumbers();
    expect(await work(engine)).toEqual(expected);
    expect(engine.backend).toBe('cpu');
    expect(engine.news).toMatchObject({ kind: 'numbers', reason: expect.stringMatching(/NaN or infinity where the float64 CPU engine/) });
    engine.dispose();
  });

  test("the page's run ends with the states of the CPU engine", async () => {
    const link = { settings: { ...defaultSettings, steps: 20 }, step: null };
    const owner = new PageEngineOwner('webgpu');
    const session = await Session.create(owner, { calm: true, link });
    owner.onchange = () => session.changeEngine();
    breakNumbers();
    await owner.open();
    await expect.poll(() => session.status, { timeout: 120_000 }).toBe('finished');
    expect(session.divergedAt).toBeNull();
    expect(session.steps).toEqual(session.expected);
    expect(owner.engine?.news?.kind).toBe('numbers');
    session.dispose();
    owner.dispose();
  });
});

test('a run whose numbers grow beyond float32’s range stays on the GPU', async () => {
  const engine = await open('webgpu');
  // The loss falls for ever: float32 overflows within a few updates; float64 does not, and has log-probs of -1e38 beside one of 0.
  const growing = { ...experiment, objective: { expression: '-(logp_w - logp_l)' }, record: [0, 30] };
  const { steps } = await engine.train({ ...growing, optimizer: { kind: 'sgd', learningRate: 1e38, steps: 30 } });
  expect(steps.at(-1)?.outcomeLogps?.every(Number.isNaN)).toBe(true);
  expect(engine.backend).toBe('webgpu');
  engine.dispose();
});

test('an error of the work itself is not blamed on the GPU', async () => {
  const engine = await open('webgpu');
  await expect(engine.train({ ...experiment, optimizer: { kind: 'sgd', learningRate: -1, steps: 30 } })).rejects.toMatchObject({
    name: 'ExperimentError',
  });
  expect(engine.backend).toBe('webgpu');
  expect(engine.news?.kind).not.toBe('fault');
  engine.dispose();
});
