import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const source = 'src/shell/engine/engine-worker.ts';
const preloadHelper = '\0vite/preload-helper.js';
const inCode = "new URL('./engine-worker.ts', import.meta.url)";

/**
 * Builds the engine's worker in the page's own graph. Vite would build it apart, and the engine, which both use, would be fetched twice.
 * What Vite puts around imports is shared then, and must do without a window: a missing file would be told as a missing `window`.
 */
export const workerInGraph = (): Plugin => ({
  name: 'worker-in-graph',
  apply: 'build',
  enforce: 'pre',
  transform(code, id) {
    if (id === preloadHelper) return { code: code.replaceAll('window.', 'globalThis.'), map: null };
    if (!id.endsWith('src/shell/engine/page-engine.ts')) return null;
    const worker = this.emitFile({ type: 'chunk', id: resolve(source) });
    if (!code.includes(inCode)) throw new Error(`${id} starts its worker in another way: bring src/build/worker-in-graph.ts in line.`);
    return { code: code.replace(inCode, `import.meta.ROLLUP_FILE_URL_${worker}`), map: null };
  },
});
