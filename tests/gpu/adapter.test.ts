import { afterEach, expect, test, vi } from 'vitest';
import { openEngine } from '../../src/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** What an adapter says of itself; this machine's is one in software. */
const sayOfAdapters = (said: Partial<GPUAdapterInfo>): void => {
  vi.spyOn(GPUAdapter.prototype, 'info', 'get').mockReturnValue({
    vendor: '',
    architecture: '',
    device: '',
    description: '',
    isFallbackAdapter: false,
    ...said,
  } as GPUAdapterInfo);
};

test('this machine has an adapter: without one the GPU tests would test nothing', async () => {
  const engine = await openEngine({ backend: 'webgpu' });
  expect(engine.backend).toBe('webgpu');
  expect(engine.adapter?.vendor).toBeTruthy();
  expect(engine.fallbackReason).toBeNull();
  engine.dispose();
});

test('an adapter in software is left to those who ask for it: auto computes on the CPU, and says why', async () => {
  for (const [given, backend] of [
    [{ isFallbackAdapter: true, vendor: 'google', architecture: 'swiftshader' }, 'cpu'],
    [{ isFallbackAdapter: false, vendor: 'mesa', description: 'llvmpipe (LLVM 17)' }, 'cpu'],
    [{ isFallbackAdapter: false, vendor: 'nvidia', architecture: 'hopper' }, 'webgpu'],
  ] as const) {
    sayOfAdapters(given);
    const engine = await openEngine();
    expect(engine.backend).toBe(backend);
    if (backend === 'cpu') expect(engine.fallbackReason).toMatch(/computes in software/);
    else expect(engine.fallbackReason).toBeNull();
    engine.dispose();
    const asked = await openEngine({ backend: 'webgpu' });
    expect(asked.adapter?.isFallback).toBe(backend === 'cpu');
    asked.dispose();
  }
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

test.each([
  ['maxStorageBuffersPerShaderStage', 4, /too small: it allows 4 storage buffers in a shader, and the kernels need 8/],
  ['maxComputeInvocationsPerWorkgroup', 64, /allows 64 invocations/],
] as const)('an adapter with too small a %s is not used, and the reason names the limit', async (limit, offered, reason) => {
  vi.spyOn(GPUSupportedLimits.prototype, limit, 'get').mockReturnValue(offered);
  const engine = await openEngine();
  expect(engine.backend).toBe('cpu');
  expect(engine.fallbackReason).toMatch(reason);
});

test('an adapter or a device that never comes is waited for five seconds, and one that comes later is given back', async () => {
  const never = new Promise<never>(() => {});
  const asked = vi.spyOn(navigator.gpu, 'requestAdapter').mockReturnValue(never);
  expect((await openEngine()).fallbackReason).toMatch(/did not answer within 5 seconds when it was asked for a graphics adapter/);
  asked.mockRestore();
  sayOfAdapters({ vendor: 'nvidia' });
  const request = GPUAdapter.prototype.requestDevice;
  let answer = () => {};
  const late = new Promise<GPUDevice>((resolve) => {
    vi.spyOn(GPUAdapter.prototype, 'requestDevice').mockImplementation(async function (this: GPUAdapter, ...args) {
      const device = await request.apply(this, args);
      await new Promise<void>((free) => {
        answer = free;
      });
      resolve(device);
      return device;
    });
  });
  expect((await openEngine()).fallbackReason).toMatch(/did not answer within 5 seconds when it was asked for a graphics device/);
  answer();
  expect((await (await late).lost).reason).toBe('destroyed');
});

test('an adapter that is refused with an error is no adapter, and auto says so', async () => {
  vi.spyOn(navigator.gpu, 'requestAdapter').mockRejectedValue(new TypeError('blocked by policy'));
  expect((await openEngine()).fallbackReason).toMatch(/could not offer a graphics adapter: blocked by policy/);
});

test('a browser without WebGPU, and a page over plain HTTP, are told apart', async () => {
  vi.spyOn(navigator, 'gpu', 'get').mockReturnValue(undefined as unknown as GPU);
  expect((await openEngine()).fallbackReason).toMatch(/This browser offers no WebGPU here/);
  vi.spyOn(globalThis, 'isSecureContext', 'get').mockReturnValue(false);
  expect((await openEngine()).fallbackReason).toMatch(/over plain HTTP/);
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
