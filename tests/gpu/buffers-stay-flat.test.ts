import { afterEach, expect, test, vi } from 'vitest';
import { defaultSettings, noOverNever } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { openEngine } from '../../src/index.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

test('the same work done again and again makes no more GPU buffers than the first time', async () => {
  const live = new Set<GPUBuffer>();
  const createBuffer = GPUDevice.prototype.createBuffer;
  vi.spyOn(GPUDevice.prototype, 'createBuffer').mockImplementation(function (this: GPUDevice, descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    // Parameters of dispatches are cached, and which there are follows the slices that work is cut into by its speed.
    if (!descriptor.label?.endsWith('.params')) live.add(buffer);
    return buffer;
  });
  const destroy = GPUBuffer.prototype.destroy;
  vi.spyOn(GPUBuffer.prototype, 'destroy').mockImplementation(function (this: GPUBuffer) {
    live.delete(this);
    destroy.call(this);
  });
  const engine = await openEngine({ backend: 'webgpu' });
  const experiment = noOverNever({ ...defaultSettings, steps: 20 });
  const counts: number[] = [];
  for (let round = 0; round < 6; round++) {
    const run = await engine.startRun(experiment);
    await run.advance(10);
    await engine.diagnose(experiment, await run.parameters());
    run.dispose(); // as in dragging: a run is given up half-way, and another begins
    await engine.sweep({
      experiment,
      x: { path: 'objective.params.beta', values: [0.1, 0.2, 0.3] },
      y: { path: 'optimizer.learningRate', values: [0.5, 1] },
    });
    counts.push(live.size);
  }
  expect(counts[0]).toBeGreaterThan(0);
  expect(new Set(counts.slice(1)).size).toBe(1);
  engine.dispose();
});
