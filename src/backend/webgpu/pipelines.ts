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

/** Compiles each entry point once for each text of its slots, without waiting; `failure` hears of what does not compile. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #onFailure: (error: Error) => void;
  readonly #modules = new Map<string, GPUShaderModule>();
  readonly #pipelines = new Map<string, Pipeline>();

  constructor(device: GPUDevice, onFailure: (error: Error) => void) {
    this.#device = device;
    this.#onFailure = onFailure;
  }

  get(shader: ShaderInterface, entry: string, slots: Readonly<Record<string, string>> = {}): Pipeline {
    const moduleKey = `${shader.stem}\n${Object.values(slots).join('\n')}`;
    const key = `${entry}\n${moduleKey}`;
    const known = this.#pipelines.get(key);
    if (known) return known;
    const description = shader.entries[entry];
    if (!description) throw new Error(`shaders/${shader.stem}.wgsl has no entry point ${entry}.`);
    const layout = this.#device.createBindGroupLayout({
      label: `${entry}.layout`,
      entries: description.bindings.flatMap((name) => {
        const binding = shader.bindings[name];
        return binding ? [{ binding: binding.binding, visibility: GPUShaderStage.COMPUTE, buffer: { type: binding.type } }] : [];
      }),
    });
    const pipeline = this.#device.createComputePipeline({
      label: entry,
      layout: this.#device.createPipelineLayout({ label: `${entry}.pipelineLayout`, bindGroupLayouts: [layout] }),
      compute: { module: this.#module(moduleKey, shader, slots), entryPoint: entry },
    });
    const made = { id: this.#pipelines.size, pipeline, layout, workgroupSize: description.workgroupSize };
    this.#pipelines.set(key, made);
    return made;
  }

  #module(key: string, { stem, text }: ShaderInterface, slots: Readonly<Record<string, string>>): GPUShaderModule {
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
