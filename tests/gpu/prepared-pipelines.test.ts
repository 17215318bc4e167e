import { afterEach, expect, test, vi } from 'vitest';
import { type Experiment, openEngine, type Sweep } from '../../src/index.ts';
import { toyPolicies } from './toy-policies.ts';

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

test('a map that is prepared for compiles nothing more', async () => {
  const engine = await openEngine({ backend: 'webgpu' });
  const beside = vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync');
  await Promise.all([engine.prepareSweep(sweep), engine.prepareSweep(sweep)]);
  expect(beside).toHaveBeenCalledTimes(2);
  const atOnce = vi.spyOn(GPUDevice.prototype, 'createComputePipeline');
  const finer = { ...sweep, x: { ...sweep.x, values: [0.1, 0.5, 1] } };
  expect([...(await engine.sweep(finer)).margin].every(Number.isFinite)).toBe(true);
  expect(beside).toHaveBeenCalledTimes(2);
  expect(atOnce).not.toHaveBeenCalled();
  engine.dispose();
});

const runs: [string, Experiment][] = [
  ['a table', sweep.experiment],
  [
    'vectors, Adam and a statistic of the batch',
    {
      policy: {
        kind: 'features',
        hidden: [
          [0.3, 1],
          [1, -1],
        ],
        unembedding: [
          [1, 0],
          [0, 1],
          [0.5, 0.5],
        ],
      },
      pairs: [
        { prompt: 0, chosen: 0, rejected: 1 },
        { prompt: 1, chosen: 2, rejected: 1 },
      ],
      objective: { name: 'kto' },
      optimizer: { kind: 'adam', learningRate: 0.1, steps: 5 },
    },
  ],
  [
    'normalised pairs of sequences',
    {
      ...(toyPolicies.bigram as (typeof toyPolicies)[string]),
      objective: { name: 'dpo' },
      optimizer: { kind: 'normalised-pair', learningRate: 0.1, steps: 5 },
    },
  ],
  [
    'groups',
    {
      ...sweep.experiment,
      pairs: [],
      groups: [{ prompt: 0, responses: [0, 1, 2], rewards: [1, 0, 0.5] }],
      objective: { name: 'rloo' },
    },
  ],
];

test.each(runs)('a run of %s compiles side by side, and has the numbers of one that does not', async (_, experiment) => {
  const train = async () => {
    const engine = await openEngine({ backend: 'webgpu' });
    try {
      return await engine.train(experiment);
    } finally {
      engine.dispose();
    }
  };
  const [atOnce, beside] = [
    vi.spyOn(GPUDevice.prototype, 'createComputePipeline'),
    vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync'),
  ];
  const trained = await train();
  expect(atOnce).not.toHaveBeenCalled();
  const labels = beside.mock.calls.map(([{ label }]) => label);
  expect(labels.length).toBeGreaterThan(4);
  vi.restoreAllMocks();
  vi.spyOn(GPUDevice.prototype, 'createComputePipelineAsync').mockImplementation(() => Promise.reject(new Error('injected')));
  expect(await train()).toEqual(trained);
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
