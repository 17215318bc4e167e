import { ShaderError } from '../../core/errors.ts';
import { type ComposedShader, compose } from './compose.ts';
import type { ShaderInterface } from './shader-interface.ts';
import { sharedShaders } from './shared-shaders.ts';

export interface Pipeline {
  /** identifies the pipeline in caches */
  readonly id: number;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly workgroupSize: number;
}

type Slots = Readonly<Record<string, string>>;

/** Compiles each entry point once for each text of its slots; `failure` hears of what does not compile. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #onFailure: (error: Error) => void;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Pipeline>();
  /** what compiles in the background */
  readonly #compiling = new Map<string, Promise<void>>();

  constructor(device: GPUDevice, onFailure: (error: Error) => void) {
    this.#device = device;
    this.#onFailure = onFailure;
  }

  /** At once: where it is not compiled yet, whoever waits for the first dispatch waits for that as well. */
  get(shader: ShaderInterface, entry: string, slots: Slots = {}): Pipeline {
    const key = keyOf(shader, entry, slots);
    const known = this.#pipelines.get(key);
    if (known) return known;
    const { layout, workgroupSize, descriptor } = this.#describe(shader, entry, slots);
    return this.#keep(key, this.#device.createComputePipeline(descriptor), layout, workgroupSize);
  }

  /**
   * Compiles in the background, beside whatever else compiles. What fails is left to `get`, whose errors reach whoever waits for the work
   * that needed it.
   */
  async prepare(shader: ShaderInterface, entry: string, slots: Slots = {}): Promise<void> {
    const key = keyOf(shader, entry, slots);
    if (this.#pipelines.has(key)) return;
    const compiling = this.#compiling.get(key) ?? this.#compile(key, shader, entry, slots);
    this.#compiling.set(key, compiling);
    await compiling;
    this.#compiling.delete(key);
  }

  async #compile(key: string, shader: ShaderInterface, entry: string, slots: Slots): Promise<void> {
    const { layout, workgroupSize, descriptor } = this.#describe(shader, entry, slots);
    const pipeline = await this.#device.createComputePipelineAsync(descriptor).catch(() => null);
    if (pipeline && !this.#pipelines.has(key)) this.#keep(key, pipeline, layout, workgroupSize);
  }

  #keep(key: string, pipeline: GPUComputePipeline, layout: GPUBindGroupLayout, workgroupSize: number): Pipeline {
    const made = { id: this.#pipelines.size, pipeline, layout, workgroupSize };
    this.#pipelines.set(key, made);
    return made;
  }

  #describe(shader: ShaderInterface, entry: string, slots: Slots) {
    const description = shader.entries[entry];
    if (!description) throw new Error(`shaders/${shader.stem}.wgsl has no entry point ${entry}.`);
    const layout = this.#device.createBindGroupLayout({
      label: `${entry}.layout`,
      entries: description.bindings.flatMap((name) => {
        const binding = shader.bindings[name];
        return binding ? [{ binding: binding.binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: binding.type } }] : [];
      }),
    });
    const descriptor: GPUComputePipelineDescriptor = {
      label: entry,
      layout: this.#device.createPipelineLayout({ label: `${entry}.pipelineLayout`, bindGroupLayouts: [layout] }),
      compute: { module: this.#module(shader, slots), entryPoint: entry },
    };
    return { layout, workgroupSize: description.workgroupSize, descriptor };
  }

  #module({ stem, text }: ShaderInterface, slots: Slots): GPUShaderModule {
    const key = moduleKeyOf(stem, slots);
    const known = this.#modules.get(key);
    if (known) return known;
    const composed = compose(stem, new Map([...sharedShaders, [stem, text]]), slots);
    const module = this.#device.createShaderModule({ label: stem, code: composed.code });
    this.#modules.set(key, module);
    module.getCompilationInfo().then(
      ({ messages }) => {
        const errors = messages.filter(({ type }) => type === 'error');
        if (errors.length > 0) this.#onFailure(shaderError(composed, errors));
      },
      () => {}, // the device is lost; that is reported on its own
    );
    return module;
  }
}

const moduleKeyOf = (stem: string, slots: Slots): string => `${stem}\n${Object.values(slots).join('\n')}`;

const keyOf = ({ stem }: ShaderInterface, entry: string, slots: Slots): string => `${entry}\n${moduleKeyOf(stem, slots)}`;

/** Message, file, line and source of each compile error. */
export function shaderError(
  composed: ComposedShader,
  errors: readonly Pick<GPUCompilationMessage, 'message' | 'lineNum' | 'linePos'>[],
): ShaderError {
  const text = composed.code.split('\n');
  const parts = errors.map(({ message, lineNum, linePos }) => {
    const origin = composed.lines[lineNum - 1];
    const place = origin ? `${origin.file}:${origin.line}:${linePos}` : 'shader';
    return `${place}: ${message}\n  ${text[lineNum - 1] ?? ''}\n  ${' '.repeat(Math.max(0, linePos - 1))}^`;
  });
  return new ShaderError(parts.join('\n'));
}
