import { WebGpuUnavailableError } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import type { AdapterDescription } from '../backend.ts';

export interface OpenedDevice {
  device: GPUDevice;
  adapter: AdapterDescription;
}

/** The least that the kernels work with. WebGPU promises as much of every adapter; a browser's compatibility mode may not. */
export const neededLimits = {
  maxStorageBuffersPerShaderStage: { least: 8, words: 'storage buffers in a shader' },
  maxComputeInvocationsPerWorkgroup: { least: 128, words: 'invocations in a workgroup' },
  maxStorageBufferBindingSize: { least: 2 ** 24, words: 'bytes in a storage buffer' },
} as const satisfies Partial<Record<keyof GPUSupportedLimits, { least: number; words: string }>>;

function assertLimits(limits: GPUSupportedLimits): void {
  for (const [name, { least, words }] of Object.entries(neededLimits)) {
    const offered = limits[name as keyof typeof neededLimits];
    if (offered < least)
      throw new WebGpuUnavailableError(
        `The graphics adapter is too small: it allows ${offered} ${words}, and the kernels need ${least}. Another browser may offer more of it.`,
      );
  }
}

/** A device with the adapter's own limits. Rejects with a WebGpuUnavailableError that names the cause. */
export async function openDevice(): Promise<OpenedDevice> {
  if (!('gpu' in globalThis.navigator) || !navigator.gpu) {
    if (globalThis.isSecureContext === false)
      throw new WebGpuUnavailableError(
        'This page was opened over plain HTTP, where browsers hide WebGPU. Open it over https:// or on localhost.',
      );
    throw new WebGpuUnavailableError('This browser has no WebGPU. Use a current Chrome or Edge, Safari 26, or Firefox 141 or newer.');
  }
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new WebGpuUnavailableError(
      'This browser has WebGPU but offers no graphics adapter: it may be blocked or switched off (see chrome://gpu).',
    );
  assertLimits(adapter.limits);
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const subgroups = adapter.features.has('subgroups');
  try {
    const device = await adapter.requestDevice({
      label: 'prefscope',
      requiredFeatures: subgroups ? ['subgroups'] : [],
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    });
    const { vendor, architecture, isFallbackAdapter } = adapter.info;
    return { device, adapter: { vendor, architecture, isFallback: isFallbackAdapter, subgroups } };
  } catch (cause) {
    throw new WebGpuUnavailableError(`The graphics adapter refused to open a device: ${messageOf(cause)}`, { cause });
  }
}
