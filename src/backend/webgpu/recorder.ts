import { DeviceError, DeviceLimitError, DeviceLostError, DisposedError } from '../../core/errors.ts';
import type { Storage } from '../backend.ts';
import { PipelineCache } from './pipelines.ts';
import { type ParamValues, packParams, type ShaderInterface } from './shader-interface.ts';

const maxWorkgroups = 65535;
/** Dispatches in one submit: enough to amortise it, few enough that none holds the device long. */
const dispatchesPerSubmit = 256;
/** Bind groups and uniforms kept for reuse; a training step needs about ten. */
const cacheSize = 512;

let storages = 0;

/** A GPU buffer of 32-bit elements. */
export class GpuStorage implements Storage {
  readonly id = storages++;
  readonly type: Storage['type'];
  readonly length: number;
  readonly buffer: GPUBuffer;
  readonly #recorder: Recorder;
  constructor(type: Storage['type'], length: number, buffer: GPUBuffer, recorder: Recorder) {
    this.type = type;
    this.length = length;
    this.buffer = buffer;
    this.#recorder = recorder;
  }
  dispose(): void {
    this.#recorder.flush(); // recorded work may use the buffer; submitted work keeps it alive until it is done
    this.buffer.destroy();
  }
}

type NamedStorages<S extends ShaderInterface> = { readonly [name in Exclude<keyof S['bindings'], 'params'>]?: Storage };

/** Records dispatches and copies in call order, submits them, reads back, and turns every GPU error into a rejection. */
export class Recorder {
  readonly device: GPUDevice;
  readonly lost: Promise<Error>;
  readonly #pipelines: PipelineCache;
  readonly #uniforms = new Map<string, { id: number; buffer: GPUBuffer }>();
  readonly #bindGroups = new Map<string, GPUBindGroup>();
  #uniformCount = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #dispatches = 0;
  #failure: Error | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
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

  /** Most 32-bit elements that a storage can hold. */
  get maxStorageLength(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.device.limits;
    return Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / 4);
  }

  create(type: Storage['type'], length: number): GpuStorage {
    const size = 4 * length;
    const limit = 4 * this.maxStorageLength;
    if (size > limit)
      throw new DeviceLimitError(
        `A tensor of ${length} elements needs ${size} bytes; this adapter binds at most ${limit} (${Math.floor(limit / 4)} elements). Use a smaller batch or the CPU engine.`,
      );
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
    return new GpuStorage(type, length, this.device.createBuffer({ label: `Storage ${length}`, size: Math.max(4, size), usage }), this);
  }

  write(storage: GpuStorage, data: Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): void {
    this.device.queue.writeBuffer(storage.buffer, 0, data); // queued: `create` made the buffer, so no recorded work uses it yet
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
    const pipeline = this.#pipelines.get(shader, entry, task.slots);
    const group = this.#bindGroup(shader, entry, pipeline, task.params, task.bindings);
    const workgroups = 'workgroups' in task ? task.workgroups : Math.ceil(task.invocations / pipeline.workgroupSize);
    const pass = this.#openPass();
    pass.setPipeline(pipeline.pipeline);
    pass.setBindGroup(0, group);
    if (workgroups <= maxWorkgroups) pass.dispatchWorkgroups(workgroups);
    else pass.dispatchWorkgroups(maxWorkgroups, Math.ceil(workgroups / maxWorkgroups));
    this.#dispatches++;
    if (this.#dispatches >= dispatchesPerSubmit) this.flush();
  }

  copy(source: GpuStorage, target: GpuStorage, at: number): void {
    this.#closePass();
    this.#openEncoder().copyBufferToBuffer(source.buffer, 0, target.buffer, 4 * at, 4 * source.length);
  }

  flush(): void {
    this.#closePass();
    if (this.#encoder) this.device.queue.submit([this.#encoder.finish()]);
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
    this.#openEncoder().copyBufferToBuffer(storage.buffer, 0, staging, 0, size);
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
  async #reasonFor(cause: unknown): Promise<Error> {
    const lost = await Promise.race([this.lost, new Promise<null>((resolve) => setTimeout(resolve, 50, null))]);
    return lost ?? new DeviceError(`The GPU could not be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
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
      if (name === 'params') return { binding, id: `u${uniform.id}`, buffer: uniform.buffer };
      const storage = (storages as Readonly<Record<string, Storage | undefined>>)[name];
      if (!(storage instanceof GpuStorage)) throw new Error(`${entry}: no GPU storage was given for '${name}'.`);
      return { binding, id: String(storage.id), buffer: storage.buffer };
    });
    const key = `${pipeline.id}:${parts.map(({ id }) => id).join()}`;
    const known = this.#bindGroups.get(key);
    if (known) return known;
    const group = this.device.createBindGroup({
      label: `${entry}.bindings`,
      layout: pipeline.layout,
      entries: parts.map(({ binding, buffer }) => ({ binding, resource: { buffer } })),
    });
    this.#bindGroups.set(key, group);
    return group;
  }
}
