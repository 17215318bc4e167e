// `npm run atlas [-- --fresh] [-- id ...]`: trains every study whose sources have changed since (all with --fresh, or those named), with
// its page seeds on the CPU engine and with few on WebGPU where a browser is there, and writes src/atlas/shipped.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright';
import { createServer } from 'vite';

const file = 'src/atlas/shipped.json';
const chosen = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const fresh = process.argv.includes('--fresh');
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { port: 0, host: '127.0.0.1', hmr: false, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
await server.listen();
const load = (/** @type {string} */ path) => server.ssrLoadModule(path);
const { studyIds, loadStudy } = await load('./src/atlas/catalogue.ts');
const { runStudy } = await load('./src/atlas/run-study.ts');
const { openEngine } = await load('./src/train/engine.ts');
const { hashOf, kept } = await load('./src/build/ship-study.ts');
const { launchOptions } = await load('./src/build/chromium.ts');

const webgpuSeeds = 3;
const url = server.resolvedUrls?.local[0] ?? '';
const browser = process.argv.includes('--no-browser') ? null : await chromium.launch(launchOptions).catch(() => null);
const page = await browser?.newPage();
if (page) {
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${url}blank`);
} else console.warn('Without a browser: on the CPU engine alone.');
/** The same study in the page, on WebGPU. */
const onWebGPU = async (/** @type {string} */ id) =>
  page?.evaluate(
    async ([id, seeds]) => {
      const [{ loadStudy }, { runStudy }, { openEngine }] = await Promise.all(
        ['catalogue', 'run-study', '../train/engine'].map((name) => import(new URL(`src/atlas/${name}.ts`, location.origin).href)),
      );
      const engine = await openEngine({ backend: 'webgpu' });
      try {
        return await runStudy(await loadStudy(id), engine, { seeds });
      } finally {
        engine.dispose();
      }
    },
    /** @type {const} */ ([id, webgpuSeeds]),
  );

const engine = await openEngine({ backend: 'cpu' });
/** @type {Record<string, any>} */
const entries = JSON.parse(readFileSync(file, 'utf8'));
for (const id of Object.keys(entries)) if (!studyIds.includes(id)) delete entries[id];
const write = () => {
  const sorted = studyIds.filter((/** @type {string} */ id) => id in entries);
  const lines = sorted.map((/** @type {string} */ id) => `${JSON.stringify(id)}: ${JSON.stringify(entries[id])}`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
};
try {
  for (const id of studyIds) {
    const isStale = entries[id]?.hash !== hashOf(id) || (page && !entries[id].engines.webgpu);
    if (chosen.length > 0 ? !chosen.includes(id) : !fresh && !isStale) continue;
    const study = await loadStudy(id);
    const timed = async (/** @type {() => Promise<any>} */ run, /** @type {number} */ seeds) => {
      const began = performance.now();
      const result = await run();
      return result && kept(result, seeds, performance.now() - began);
    };
    const cpu = await timed(() => runStudy(study, engine, { seeds: study.seeds.page }), study.seeds.page);
    const webgpu = await timed(() => onWebGPU(id), webgpuSeeds);
    entries[id] = { hash: hashOf(id), date: new Date().toISOString().slice(0, 10), engines: { cpu, ...(webgpu ? { webgpu } : {}) } };
    write();
    for (const { id: claim, expected } of study.claims) {
      const verdict = cpu.verdicts[claim];
      console.log(`${verdict === expected ? '✓' : '✗'} ${id} ${claim}: ${verdict}${verdict === expected ? '' : `, expected: ${expected}`}`);
      if (verdict !== expected) process.exitCode = 1;
    }
  }
  write();
} finally {
  await browser?.close();
  await server.close();
}
process.exit();
