import { WebGpuUnavailableError } from '../core/errors.ts';
import type { Backend, BackendKind } from './backend.ts';
import { createCpuBackend } from './cpu/cpu-backend.ts';

export interface ChosenBackend {
  backend: Backend;
  /** why `auto` chose the CPU; null otherwise */
  fallbackReason: string | null;
}

/**
 * `auto`: WebGPU where a device of graphics hardware opens, else the CPU with the reason. 'webgpu' takes an adapter in software as well,
 * and rejects where there is none.
 */
export async function createBackend(kind: BackendKind | 'auto'): Promise<ChosenBackend> {
  if (kind === 'cpu') return { backend: createCpuBackend(), fallbackReason: null };
  try {
    // Half of the code is the shaders': who computes on the CPU does not fetch it.
    const { createWebGpuBackend } = await import('./webgpu/webgpu-backend.ts');
    return { backend: await createWebGpuBackend({}, { hardwareOnly: kind === 'auto' }), fallbackReason: null };
  } catch (error) {
    if (kind === 'auto' && error instanceof WebGpuUnavailableError) return { backend: createCpuBackend(), fallbackReason: error.message };
    throw error;
  }
}
