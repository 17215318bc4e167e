import { expect, test } from 'vitest';
import { neededLimits } from '../../src/backend/webgpu/device.ts';
import type { ShaderInterface } from '../../src/backend/webgpu/shader-interface.ts';

const interfaces = Object.values(
  import.meta.glob<Record<string, ShaderInterface>>('../../src/backend/webgpu/generated/*.ts', { eager: true }),
).flatMap((module) => Object.values(module));

test('the limits asked of an adapter are those of the kernels', () => {
  const entries = interfaces.flatMap((shader) =>
    Object.values(shader.entries).map(({ workgroupSize, bindings }) => ({
      workgroupSize,
      storages: bindings.filter((name) => shader.bindings[name]?.type !== 'uniform').length,
    })),
  );
  expect(Math.max(...entries.map(({ storages }) => storages))).toBeLessThanOrEqual(neededLimits.maxStorageBuffersPerShaderStage.least);
  expect(Math.max(...entries.map(({ workgroupSize }) => workgroupSize))).toBe(neededLimits.maxComputeInvocationsPerWorkgroup.least);
});
