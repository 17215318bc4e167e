/** What the host must know of one shader; generated from it, never written by hand. */
export interface ShaderInterface {
  readonly stem: string;
  /** the shader itself, before it is composed */
  readonly text: string;
  readonly entries: Readonly<Record<string, { readonly workgroupSize: number; readonly bindings: readonly string[] }>>;
  readonly bindings: Readonly<Record<string, { readonly binding: number; readonly type: GPUBufferBindingType }>>;
  readonly params: readonly (readonly [name: string, type: 'u32' | 'i32' | 'f32'])[];
}

/** Values for the members of a shader's `Params` struct. */
export type ParamValues<S extends ShaderInterface> = Readonly<Record<S['params'][number][0], number>>;

/** `Params` holds 32-bit scalars only, so a member's offset is four times its index. */
export function packParams<S extends ShaderInterface>(shader: S, values: ParamValues<S>): ArrayBuffer {
  const bytes = new ArrayBuffer(Math.max(16, Math.ceil((4 * shader.params.length) / 16) * 16)); // uniform structs are sized in 16 bytes
  const view = new DataView(bytes);
  for (const [index, [name, type]] of shader.params.entries()) {
    const value = values[name as keyof ParamValues<S>];
    if (type === 'f32') view.setFloat32(4 * index, value, true);
    else if (type === 'i32') view.setInt32(4 * index, value, true);
    else view.setUint32(4 * index, value, true);
  }
  return bytes;
}
