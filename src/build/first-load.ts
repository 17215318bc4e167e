import { resolve } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

type Context = Parameters<Extract<NonNullable<Rolldown.CodeSplittingOptions['groups']>[number]['name'], (...args: never[]) => unknown>>[1];

/** Every module that those of `from` import, in turn; with `dynamic`, those as well that are fetched later. */
function reached(from: readonly string[], context: Context, dynamic: boolean): Set<string> {
  const found = new Set<string>();
  const left = [...from];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    const info = context.getModuleInfo(id);
    left.push(...(info?.importedIds ?? []), ...(dynamic ? (info?.dynamicallyImportedIds ?? []) : []));
  }
  return found;
}

const entry = resolve('src/main.ts');
/** All of d3 but what the first view computes with: its index imports the whole. */
const later = /\/d3-(?!array\/)/;

/**
 * Puts what the page always loads into two files. Some seventy of its modules are shared with views that are fetched later and would each
 * be a file of their own, which compresses badly. What the engine's worker may need as well is the second: it loads nothing of the page. A third
 * is the code for WebGPU, which would otherwise be cut where kernels that are fetched later share some of it.
 */
export const firstLoad = (): Plugin => {
  let chunks: Readonly<Record<'page' | 'worker' | 'webgpu', ReadonlySet<string>>> | null = null;
  const chunkOf = (id: string, context: Context): string | null => {
    chunks ??= {
      page: reached([entry], context, false),
      worker: reached([resolve('src/shell/engine/engine-worker.ts')], context, true),
      webgpu: reached([resolve('src/backend/webgpu/webgpu-backend.ts')], context, false),
    };
    // The entry itself must run when the file is loaded, and stays one.
    if (id === entry || later.test(id)) return null;
    if (!chunks.page.has(id)) return chunks.webgpu.has(id) ? 'webgpu' : null;
    return chunks.worker.has(id) ? 'engine' : 'page';
  };
  return {
    name: 'first-load',
    apply: 'build',
    outputOptions: (options) => {
      chunks = null;
      return {
        ...options,
        codeSplitting: {
          groups: ['webgpu', 'page', 'engine'].map((chunk, index) => ({
            name: (id, context) => (chunkOf(id, context) === chunk ? chunk : null),
            priority: index,
          })),
        },
      };
    },
  };
};
