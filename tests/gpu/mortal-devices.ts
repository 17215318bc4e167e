import { vi } from 'vitest';

export interface Deaths {
  /** devices that have died */
  readonly count: number;
  /** destroys the device that was opened last */
  kill(): void;
}

/**
 * From here on the i-th GPU device that is opened is destroyed by its `lives[i]`-th submit; those after the list live on, or, where the
 * adapter `vanishes`, there are none. Undone by `vi.restoreAllMocks()`.
 */
export function makeDevicesMortal(lives: readonly number[], { vanishes = false } = {}): Deaths {
  const requestDevice = GPUAdapter.prototype.requestDevice;
  const requestAdapter = navigator.gpu.requestAdapter.bind(navigator.gpu);
  let opened = 0;
  let count = 0;
  let kill = () => {};
  vi.spyOn(navigator.gpu, 'requestAdapter').mockImplementation(async (options) =>
    vanishes && opened >= lives.length ? null : requestAdapter(options),
  );
  vi.spyOn(GPUAdapter.prototype, 'requestDevice').mockImplementation(async function (this: GPUAdapter, ...args) {
    const device = await requestDevice.apply(this, args);
    let left = lives[opened++] ?? Number.POSITIVE_INFINITY;
    let isAlive = true;
    kill = () => {
      if (isAlive) count++;
      isAlive = false;
      device.destroy();
    };
    const submit = device.queue.submit.bind(device.queue);
    device.queue.submit = (commands) => {
      submit(commands);
      if (--left === 0) kill();
    };
    return device;
  });
  return {
    get count() {
      return count;
    },
    kill: () => kill(),
  };
}
