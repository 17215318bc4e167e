import { afterEach, expect, test, vi } from 'vitest';
import { openEngine, type Sweep } from '../../src/index.ts';

afterEach(() => vi.restoreAllMocks());

const sweep: Sweep = {
  experiment: {
    policy: { kind: 'tabular', logits: [[0, 0.5, -0.5]] },
    pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
    objective: { name: 'dpo', params: { beta: 0.1 } },
    optimizer: { kind: 'sgd', learningRate: 0.1, steps: 5 },
  },
  x: { path: 'objective.params.beta', values: [0.1, 1] },
  y: { path: 'optimizer.learningRate', values: [0.1, 0.3] },
};

async function margins(): Promise<Float32Array> {
  const engine = await openEngine({ backend: 'webgpu' });
  try {
    return (await engine.sweep(sweep)).margin;
  } finally {
    engine.dispose();
  }
}

test('a map compiles what it needs side by side, and nothing twice', async () => {
  const [atOnce, beside] = [
    vi.spyOn(GPUDevice.prototype, 'createComputePipeline'),
    vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync'),
  ];
  expect([...(await margins())].every(Number.isFinite)).toBe(true);
  expect(atOnce).not.toHaveBeenCalled();
  expect(beside.mock.calls.map(([{ label }]) => label)).toEqual(['ensemble_train', 'ensemble_train_measure']);
});

test('where compiling beside other work fails, the work compiles for itself', async () => {
  const expected = await margins();
  vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync').mockImplementation(() => Promise.reject(new Error('injected')));
  expect(await margins()).toEqual(expected);
});

test('a shader that does not compile is told of as before', async () => {
  const create = GPUDevice.prototype.createShaderModule;
  vi.spyOn(GPUDevice.prototype, 'createShaderModule').mockImplementation(function (this: GPUDevice, { code, ...rest }) {
    return create.call(this, { ...rest, code: `${code}\nthis is no WGSL` });
  });
  await expect(margins()).rejects.toThrow(/unexpected token/);
});
