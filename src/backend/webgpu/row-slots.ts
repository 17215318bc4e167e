import { shaderSources } from './shader-sources.ts';

const text = (name: string): string => shaderSources.get(`shared/${name}`) ?? '';

/** How the row kernels read a quad: as one vec4 where rows are aligned to it, else number by number. */
export function loadSlot(columns: number): { load: string } {
  return { load: text(columns % 4 === 0 ? 'load_vec4' : 'load_scalar') };
}

/** How the row kernels write a quad of `result`. */
export function storeSlot(columns: number): { store: string } {
  return { store: text(columns % 4 === 0 ? 'store_vec4' : 'store_scalar') };
}

/** How the lanes of a workgroup merge what they read. */
export function reduceSlot(subgroups: boolean): { reduce: string } {
  return { reduce: text(subgroups ? 'reduce_subgroups' : 'reduce_plain') };
}
