import { openDevice } from '../../src/backend/webgpu/device.ts';
import type { Prepared } from './contestant.ts';
import copyShader from './copy.wgsl?raw';

/** Copies `count` numbers, on a device of its own: 8 bytes moved for each. */
export async function prepareCopy(count: number): Promise<Prepared> {
  const { device } = await openDevice();
  const size = 16 * Math.ceil(count / 4);
  const make = () => device.createBuffer({ label: 'Copy', size, usage: GPUBufferUsage.STORAGE });
  const buffers = [make(), make()];
  const pipeline = device.createComputePipeline({
    label: 'copy',
    layout: 'auto',
    compute: { module: device.createShaderModule({ label: 'copy', code: copyShader }) },
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const workgroups = Math.ceil(size / 16 / 256);
  return {
    ways: [
      {
        name: 'WGSL',
        enqueue: () => {
          const encoder = device.createCommandEncoder();
          const pass = encoder.beginComputePass();
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, bindings);
          pass.dispatchWorkgroups(Math.min(workgroups, 65535), Math.ceil(workgroups / 65535));
          pass.end();
          device.queue.submit([encoder.finish()]);
        },
        done: () => device.queue.onSubmittedWorkDone().then(() => undefined),
        read: () => Promise.resolve(null),
      },
    ],
    dispose: () => device.destroy(),
  };
}
