import { DeviceError, DeviceLimitError, DeviceLostError, DisposedError } from '../../core/errors.ts';
import { messageOf } from '../../core/message-of.ts';
import { within } from '../../core/within.ts';
import type { Storage } from '../backend.ts';
import { type Block, BufferPool } from './buffer-pool.ts';
import { PipelineCache } from './pipelines.ts';
import { type ParamValues, packParams, type ShaderInterface } from './shader-interface.ts';

const maxWorkgroups = 65535;
/** Dispatches in one submit: enough to amortise it, few enough that none holds the device long. */
const dispatchesPerSubmit = 256;
/** Dispatches in the first submit after a wait, when the device is idle; each submit from there on may hold twice as many. */
const dispatchesInFirstSubmit = 4;
/** Bind groups and uniforms kept for reuse; a training step needs about ten. */
const cacheSize = 512;

/** Bytes of idle buffers kept for reuse. */
const poolCapacity = 2 ** 27;
/** Indices in a shader are u32. */
const maxIndex = 2 ** 32;

let blocks = 0;

/** A GPU buffer of 32-bit elements. */
export class GpuStorage implements Storage {
  readonly type: Storage['type'];
  readonly length: number;
  readonly block: Block;
  readonly #release: (block: Block) => void;
  #disposed = false;
  constructor(type: Storage['type'], length: number, block: Block, release: (block: Block) => void) {
    this.type = type;
    this.length = length;
    this.block = block;
    this.#release = release;
  }
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#release(this.block);
  }
}

/** Part of a storage, in elements; `first` must be a multiple of 64 (256 bytes). */
export interface StorageRange {
  storage: Storage;
  first: number;
  length: number;
}

type Bound = Storage | StorageRange;
type NamedStorages<S extends ShaderInterface> = { readonly [name in Exclude<keyof S['bindings'], 'params'>]?: Bound };

function gpuRange(bound: Bound): { block: Block; offset: number; size: number } | null {
  const range = 'storage' in bound ? bound : { storage: bound, first: 0, length: bound.length };
  if (!(range.storage instanceof GpuStorage)) return null;
  return { block: range.storage.block, offset: 4 * range.first, size: Math.max(4, 4 * range.length) };
}

/** Records dispatches and copies in call order, submits them, reads back, and turns every GPU error into a rejection. */
export class Recorder {
  readonly device: GPUDevice;
  readonly lost: Promise<Error>;
  /** bytes that one storage binding may hold */
  readonly maxBinding: number;
  readonly #pipelines: PipelineCache;
  readonly #pool = new BufferPool(poolCapacity);
  readonly #uniforms = new Map<string, { id: number; buffer: GPUBuffer }>();
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  #uniformCount = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #dispatches = 0;
  #dispatchesToSubmit = dispatchesInFirstSubmit;
  #submits = 0;
  #failure: Error | null = null;
  /** what compiles for the work that is rehearsed; null while work is done */
  #rehearsed: Promise<void>[] | null = null;

  constructor(device: GPUDevice, maxBinding = device.limits.maxStorageBufferBindingSize) {
    this.device = device;
    this.maxBinding = maxBinding;
    this.#pipelines = new PipelineCache(device, (error) => {
      this.#failure ??= error;
    });
    this.lost = device.lost.then(({ reason, message }) => {
      const error =
        reason === 'destroyed'
          ? new DisposedError('This engine was disposed.')
          : new DeviceLostError(`The GPU device was lost: ${message}`);
      this.#failure = error;
      return error;
    });
    this.#openScopes();
  }

  /** Most 32-bit elements that one binding can hold. */
  get maxStorageLength(): number {
    return Math.floor(Math.min(this.maxBinding, this.device.limits.maxBufferSize) / 4);
  }

  /** `contents`: zeros, or whatever was there, for a storage that is written in full before it is read. */
  create(type: Storage['type'], length: number, contents: 'zeros' | 'undefined' = 'zeros'): GpuStorage {
    const { storage, reused } = this.#take(type, length);
    if (reused && contents === 'zeros') {
      this.#closePass();
      this.#openEncoder().clearBuffer(storage.block.buffer);
    }
    return storage;
  }

  upload(type: Storage['type'], data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): GpuStorage {
    const { storage } = this.#take(type, data.length);
    if (storage.block.releasedIn === this.#submits) this.flush(); // recorded work may use the buffer, and a write overtakes it
    this.device.queue.writeBuffer(storage.block.buffer, 0, data);
    return storage;
  }

  #take(type: Storage['type'], length: number): { storage: GpuStorage; reused: boolean } {
    const size = Math.max(16, 16 * Math.ceil(length / 4)); // whole quads
    const limit = this.device.limits.maxBufferSize;
    if (size > limit)
      throw new DeviceLimitError(
        `A tensor of ${length} elements needs ${size} bytes; this adapter allows ${limit} (${Math.floor(limit / 4)} elements). Use a smaller batch or the CPU engine.`,
      );
    const reused = this.#pool.take(size);
    return { storage: new GpuStorage(type, length, reused ?? this.#makeBlock(size), (block) => this.#release(block)), reused: !!reused };
  }

  #makeBlock(size: number): Block {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return { id: blocks++, buffer: this.device.createBuffer({ label: `Storage ${size}`, size, usage }), size, releasedIn: -1 };
  }

  #release(block: Block): void {
    block.releasedIn = this.#submits;
    const evicted = this.#pool.give(block);
    // Recorded work may use the buffers; submitted work keeps them alive until it is done.
    if (evicted.some(({ releasedIn }) => releasedIn === this.#submits)) this.flush();
    for (const { buffer } of evicted) buffer.destroy();
  }

  /** Compiles entry points side by side, so that their first dispatches need not. Never rejects: whatever fails, fails in a dispatch. */
  async prepare<S extends ShaderInterface>(
    shader: S,
    entries: readonly (keyof S['entries'] & string)[],
    slots: Readonly<Record<string, string>>,
  ): Promise<void> {
    await Promise.race([Promise.all(entries.map((entry) => this.#pipelines.prepare(shader, entry, slots))), this.lost]);
  }

  /** Compiles what the dispatches of `work` need, side by side, and does nothing else of it. Never rejects: see `prepare`. */
  async rehearse(work: () => void): Promise<void> {
    const compiling: Promise<void>[] = [];
    this.#rehearsed = compiling;
    try {
      work();
    } finally {
      this.#rehearsed = null;
    }
    await Promise.race([Promise.all(compiling), this.lost]);
  }

  /** One dispatch of `entry` over at least `invocations` (or exactly `workgroups`), storages bound by their names in the shader. */
  dispatch<S extends ShaderInterface>(
    shader: S,
    entry: keyof S['entries'] & string,
    task: {
      params: ParamValues<S>;
      bindings: NamedStorages<S>;
      slots?: Readonly<Record<string, string>>;
    } & ({ invocations: number } | { workgroups: number }),
  ): void {
    if (this.#rehearsed) {
      this.#rehearsed.push(this.#pipelines.prepare(shader, entry, task.slots));
      return;
    }
    const pipeline = this.#pipelines.get(shader, entry, task.slots);
    const group = this.#bindGroup(shader, entry, pipeline, task.params, task.bindings);
    const workgroups = 'workgroups' in task ? task.workgroups : Math.ceil(task.invocations / pipeline.workgroupSize);
    const rows = Math.ceil(workgroups / maxWorkgroups);
    if (rows > maxWorkgroups || Math.min(workgroups, maxWorkgroups) * rows * pipeline.workgroupSize > maxIndex)
      throw new DeviceLimitError(`${entry} needs ${workgroups} workgroups, more than one dispatch can number. Use a smaller batch.`);
    const pass = this.#openPass();
    pass.setPipeline(pipeline.pipeline);
    pass.setBindGroup(0, group);
    if (workgroups <= maxWorkgroups) pass.dispatchWorkgroups(workgroups);
    else pass.dispatchWorkgroups(maxWorkgroups, rows);
    this.#dispatches++;
    if (this.#dispatches < this.#dispatchesToSubmit) return;
    this.flush();
    this.#dispatchesToSubmit = Math.min(dispatchesPerSubmit, 2 * this.#dispatchesToSubmit);
  }

  copy(source: GpuStorage, target: GpuStorage, at: number): void {
    if (this.#rehearsed) return;
    this.#closePass();
    this.#openEncoder().copyBufferToBuffer(source.block.buffer, 0, target.block.buffer, 4 * at, 4 * source.length);
  }

  flush(): void {
    this.#closePass();
    if (!this.#encoder) return;
    this.device.queue.submit([this.#encoder.finish()]);
    this.#submits++;
    this.#encoder = null;
    this.#dispatches = 0;
    if (this.#bindGroups.size > cacheSize || this.#uniforms.size > cacheSize) {
      for (const { buffer } of this.#uniforms.values()) buffer.destroy();
      this.#uniforms.clear();
      this.#bindGroups.clear();
    }
  }

  /** The bytes of a storage, once all recorded work is done. */
  async read(storage: GpuStorage): Promise<ArrayBuffer> {
    const size = 4 * storage.length;
    const staging = this.device.createBuffer({ label: 'Read-back', size, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    this.#closePass();
    this.#openEncoder().copyBufferToBuffer(storage.block.buffer, 0, staging, 0, size);
    this.flush();
    const scopes = this.#rotateScopes();
    try {
      const [mapped] = await Promise.allSettled([staging.mapAsync(GPUMapMode.READ), scopes]);
      this.#throwFailure();
      if (mapped.status === 'rejected') throw await this.#reasonFor(mapped.reason);
      return staging.getMappedRange().slice(0);
    } finally {
      staging.destroy();
    }
  }

  async done(): Promise<void> {
    this.flush();
    const scopes = this.#rotateScopes();
    await Promise.allSettled([this.device.queue.onSubmittedWorkDone(), scopes]);
    this.#throwFailure();
  }

  dispose(): void {
    this.device.destroy();
  }

  /** A failed mapping means an invalid buffer or a lost device: the latter says why a moment later. */
  #reasonFor(cause: unknown): Promise<Error> {
    const patience = cause instanceof DOMException && cause.name === 'AbortError' ? 2000 : 50; // an aborted mapping is a lost device's
    const failed = new DeviceError(`The GPU could not be read: ${messageOf(cause)}`, { cause });
    return within(patience, this.lost, () => failed).catch(() => failed);
  }

  #throwFailure(): void {
    const failure = this.#failure;
    if (!failure) return;
    // A lost device stays lost; any other error belongs to the work before this wait.
    if (!(failure instanceof DeviceLostError || failure instanceof DisposedError)) this.#failure = null;
    throw failure;
  }

  #openScopes(): void {
    this.device.pushErrorScope('out-of-memory');
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('internal');
  }

  /** Everything since the last rotation is covered by these scopes; resolves once their verdicts are known. */
  #rotateScopes(): Promise<void> {
    this.#dispatchesToSubmit = dispatchesInFirstSubmit; // the caller waits: the device will be idle
    const verdicts = [this.device.popErrorScope(), this.device.popErrorScope(), this.device.popErrorScope()];
    this.#openScopes();
    return Promise.allSettled(verdicts).then((settled) => {
      for (const verdict of settled) {
        if (verdict.status !== 'fulfilled' || !verdict.value) continue;
        const kind = verdict.value instanceof GPUOutOfMemoryError ? 'ran out of memory; use a smaller batch' : 'reported an error';
        this.#failure ??= new DeviceError(`The GPU ${kind}: ${verdict.value.message}`);
      }
    });
  }

  #openEncoder(): GPUCommandEncoder {
    this.#encoder ??= this.device.createCommandEncoder({ label: 'Recorder' });
    return this.#encoder;
  }

  #openPass(): GPUComputePassEncoder {
    this.#pass ??= this.#openEncoder().beginComputePass({ label: 'Recorder.pass' });
    return this.#pass;
  }

  #closePass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #uniform<S extends ShaderInterface>(shader: S, values: ParamValues<S>): { id: number; buffer: GPUBuffer } {
    const bytes = packParams(shader, values);
    const key = new Uint32Array(bytes).join();
    const known = this.#uniforms.get(key);
    if (known) return known;
    const buffer = this.device.createBuffer({
      label: `${shader.stem}.params`,
      size: bytes.byteLength,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.device.queue.writeBuffer(buffer, 0, bytes);
    const made = { id: this.#uniformCount++, buffer };
    this.#uniforms.set(key, made);
    return made;
  }

  #bindGroup<S extends ShaderInterface>(
    shader: S,
    entry: string,
    pipeline: { id: number; layout: GPUBindGroupLayout },
    params: ParamValues<S>,
    storages: NamedStorages<S>,
  ): GPUBindGroup {
    const uniform = this.#uniform(shader, params);
    const parts = (shader.entries[entry]?.bindings ?? []).map((name) => {
      const binding = shader.bindings[name]?.binding ?? 0;
      if (name === 'params') return { binding, id: `u${uniform.id}`, resource: { buffer: uniform.buffer } };
      const bound = (storages as Readonly<Record<string, Bound | undefined>>)[name];
      const range = bound && gpuRange(bound);
      if (!range) throw new Error(`${entry}: no GPU storage was given for '${name}'.`);
      const { block, offset, size } = range;
      if (size > this.maxBinding)
        throw new DeviceLimitError(
          `${entry} binds ${size} bytes as '${name}'; this adapter binds at most ${this.maxBinding}. Use a smaller batch or the CPU engine.`,
        );
      return { binding, id: `${block.id}+${offset}+${size}`, resource: { buffer: block.buffer, offset, size } };
    });
    const key = `${pipeline.id}:${parts.map(({ id }) => id).join()}`;
    const known = this.#bindGroups.get(key);
    if (known) return known;
    const group = this.device.createBindGroup({
      label: `${entry}.bindings`,
      layout: pipeline.layout,
      entries: parts.map(({ binding, resource }) => ({ binding, resource })),
    });
    this.#bindGroups.set(key, group);
    return group;
  }
}
