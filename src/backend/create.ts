import { WebGpuUnavailableError } from '../core/errors.ts';
import type { Backend, BackendKind } from './backend.ts';
import { createCpuBackend } from './cpu/cpu-backend.ts';
import { createWebGpuBackend } from './webgpu/webgpu-backend.ts';

export interface ChosenBackend {
  backend: Backend;
  /** why `auto` chose the CPU; null otherwise */
  fallbackReason: string | null;
}

/** `auto`: WebGPU where a device opens, else the CPU with the reason. 'webgpu' rejects where there is none. */
export async function createBackend(kind: BackendKind | 'auto'): Promise<ChosenBackend> {
  if (kind === 'cpu') return { backend: createCpuBackend(), fallbackReason: null };
  try {
    return { backend: await createWebGpuBackend(), fallbackReason: null };
  } catch (error) {
    if (kind === 'auto' && error instanceof WebGpuUnavailableError) return { backend: createCpuBackend(), fallbackReason: error.message };
    throw error;
  }
}
