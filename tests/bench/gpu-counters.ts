/** What has gone to any device of this page. */
export interface GpuCounts {
  dispatches: number;
  submits: number;
  /** sizes of all buffers bound to each dispatch: the bytes moved if each is touched once, an upper bound otherwise */
  boundBytes: number;
}

const counts: GpuCounts = { dispatches: 0, submits: 0, boundBytes: 0 };
const groupBytes = new WeakMap<GPUBindGroup, number>();
const passBytes = new WeakMap<GPUComputePassEncoder, number[]>();

/** Replaces a method by one that also calls `note`; every contestant goes through the same prototypes. */
function watch<T extends object, Name extends keyof T>(
  prototype: T,
  name: Name,
  note: (self: T, args: unknown[], result: unknown) => void,
) {
  const original = prototype[name] as (...args: unknown[]) => unknown;
  const watched = function (this: T, ...args: unknown[]): unknown {
    const result = original.apply(this, args);
    note(this, args, result);
    return result;
  };
  prototype[name] = watched as T[Name];
}

function boundBytes({ entries }: GPUBindGroupDescriptor): number {
  let total = 0;
  for (const { resource } of entries) {
    const binding = resource instanceof GPUBuffer ? { buffer: resource } : 'buffer' in resource ? resource : null;
    if (binding) total += binding.size ?? binding.buffer.size - (binding.offset ?? 0);
  }
  return total;
}

/** Must run before any library opens a device. */
export function countGpuWork(): void {
  const note = (pass: GPUComputePassEncoder) => {
    counts.dispatches++;
    for (const bytes of passBytes.get(pass) ?? []) counts.boundBytes += bytes ?? 0;
  };
  watch(GPUQueue.prototype, 'submit', () => {
    counts.submits++;
  });
  watch(GPUDevice.prototype, 'createBindGroup', (_, [descriptor], group) => {
    groupBytes.set(group as GPUBindGroup, boundBytes(descriptor as GPUBindGroupDescriptor));
  });
  watch(GPUComputePassEncoder.prototype, 'setBindGroup', (pass, [index, group]) => {
    const bytes = passBytes.get(pass) ?? [];
    bytes[index as number] = group ? (groupBytes.get(group as GPUBindGroup) ?? 0) : 0;
    passBytes.set(pass, bytes);
  });
  watch(GPUComputePassEncoder.prototype, 'dispatchWorkgroups', note);
  watch(GPUComputePassEncoder.prototype, 'dispatchWorkgroupsIndirect', note);
}

/** What `work` sends to the GPU. */
export async function countDuring(work: () => Promise<void>): Promise<GpuCounts> {
  const before = { ...counts };
  await work();
  return {
    dispatches: counts.dispatches - before.dispatches,
    submits: counts.submits - before.submits,
    boundBytes: counts.boundBytes - before.boundBytes,
  };
}
