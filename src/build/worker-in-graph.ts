import { resolve } from 'node:path';
import type { Plugin } from 'vite';

const source = 'src/shell/engine/engine-worker.ts';
const inCode = "new URL('./engine-worker.ts', import.meta.url)";

/**
 * Builds the engine's worker in the page's own graph. Vite would build it apart, and the engine, which both use, would be fetched twice.
 */
export const workerInGraph = (): Plugin => ({
  name: 'worker-in-graph',
  apply: 'build',
  enforce: 'pre',
  transform(code, id) {
    if (!id.endsWith('src/shell/engine/page-engine.ts')) return null;
    const worker = this.emitFile({ type: 'chunk', id: resolve(source) });
    if (!code.includes(inCode)) throw new Error(`${id} starts its worker in another way: bring src/build/worker-in-graph.ts in line.`);
    return { code: code.replace(inCode, `import.meta.ROLLUP_FILE_URL_${worker}`), map: null };
  },
});
