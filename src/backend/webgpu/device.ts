import { WebGpuUnavailableError } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import { within } from '../../core/within.ts';
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

/** How long the browser may take to offer an adapter, and again to open a device on it, in milliseconds. */
const patience = 5000;

const silent = (asked: string): Error =>
  new WebGpuUnavailableError(
    `The browser did not answer within ${patience / 1000} seconds when it was asked for ${asked}: its graphics process may hang. Restart the browser to try again.`,
  );

async function requestAdapter(): Promise<GPUAdapter | null> {
  const requested = navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  try {
    return await within(patience, requested, () => silent('a graphics adapter'));
  } catch (cause) {
    if (cause instanceof WebGpuUnavailableError) throw cause;
    throw new WebGpuUnavailableError(`The browser could not offer a graphics adapter: ${messageOf(cause)}`, { cause });
  }
}

/** What drivers without graphics hardware call themselves; not every browser says of them that they are fallback adapters. */
const softwareNames = /swiftshader|llvmpipe|softpipe|lavapipe|basic render/i;

const isSoftware = ({ isFallbackAdapter, vendor, architecture, device, description }: GPUAdapterInfo): boolean =>
  isFallbackAdapter || [vendor, architecture, device, description].some((name) => softwareNames.test(name));

/**
 * A device with the adapter's own limits. `hardwareOnly` refuses an adapter that computes in software. Rejects with a
 * WebGpuUnavailableError that names the cause.
 */
export async function openDevice({ hardwareOnly = false } = {}): Promise<OpenedDevice> {
  if (!('gpu' in globalThis.navigator) || !navigator.gpu) {
    if (globalThis.isSecureContext === false)
      throw new WebGpuUnavailableError(
        'This page, or one around it, was opened over plain HTTP, where browsers hide WebGPU. Open it over https:// or on localhost.',
      );
    throw new WebGpuUnavailableError(
      'This browser offers no WebGPU here. Current Chrome, Edge and Safari do on most systems, and Firefox on some.',
    );
  }
  const adapter = await requestAdapter();
  if (!adapter)
    throw new WebGpuUnavailableError(
      'This browser has WebGPU but offers no graphics adapter: it may be blocked or switched off (see chrome://gpu).',
    );
  assertLimits(adapter.limits);
  const isFallback = isSoftware(adapter.info);
  if (hardwareOnly && isFallback)
    throw new WebGpuUnavailableError(
      'The graphics adapter computes in software, on the processor, where the CPU engine usually is the faster one.',
    );
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const subgroups = adapter.features.has('subgroups');
  try {
    const requested = adapter.requestDevice({
      label: 'prefscope',
      requiredFeatures: subgroups ? ['subgroups'] : [],
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    });
    const device = await within(patience, requested, () => {
      // Nobody waits for it any more: what comes too late is given back.
      requested.then(
        (late) => late.destroy(),
        () => {},
      );
      return silent('a graphics device');
    });
    const { vendor, architecture } = adapter.info;
    return { device, adapter: { vendor, architecture, isFallback, subgroups } };
  } catch (cause) {
    if (cause instanceof WebGpuUnavailableError) throw cause;
    throw new WebGpuUnavailableError(`The graphics adapter refused to open a device: ${messageOf(cause)}`, { cause });
  }
}
