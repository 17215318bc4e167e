import { afterEach, expect, test, vi } from 'vitest';
import { openEngine } from '../../src/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('this machine has an adapter: without one the GPU tests would test nothing', async () => {
  const engine = await openEngine({ backend: 'webgpu' });
  expect(engine.backend).toBe('webgpu');
  expect(engine.adapter?.vendor).toBeTruthy();
  expect(engine.fallbackReason).toBeNull();
  engine.dispose();
});

test('where no adapter is offered, webgpu rejects and auto computes on the CPU with the reason', async () => {
  vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
  await expect(openEngine({ backend: 'webgpu' })).rejects.toMatchObject({ name: 'WebGpuUnavailableError' });
  const engine = await openEngine();
  expect(engine.backend).toBe('cpu');
  expect(engine.adapter).toBeNull();
  expect(engine.fallbackReason).toMatch(/no graphics adapter/);
  const logps = await engine.logSoftmax(engine.tensor(Float32Array.from([0, 0]), [2])).read();
  expect(logps[0]).toBeCloseTo(-Math.LN2, 14);
});

test('a device that goes away rejects what waits for it, by name', async () => {
  const devices: GPUDevice[] = [];
  const request = GPUAdapter.prototype.requestDevice;
  vi.spyOn(GPUAdapter.prototype, 'requestDevice').mockImplementation(async function (this: GPUAdapter, ...args) {
    const device = await request.apply(this, args);
    devices.push(device);
    return device;
  });
  const engine = await openEngine({ backend: 'webgpu' });
  const training = engine.train({
    policy: { kind: 'tabular', logits: [[0, 1]] },
    pairs: [{ prompt: 0, chosen: 0, rejected: 1 }],
    objective: { name: 'dpo' },
    optimizer: { kind: 'sgd', learningRate: 0.1, steps: 100_000 },
  });
  devices[0]?.destroy();
  await expect(training).rejects.toMatchObject({ name: expect.stringMatching(/DisposedError|DeviceLostError/) });
  await expect(engine.lost).resolves.toBeInstanceOf(Error);
});
