// `npm run atlas [-- --fresh] [-- id ...]`: trains every study whose sources have changed since (all with --fresh, or those named), with
// its page seeds on the CPU engine and with few on WebGPU where a browser is there, and writes src/atlas/shipped.json.
// With `--seed 1001` it trains all, or those named, with as many seeds from there on, on the CPU engine alone, and writes nothing.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createServer } from 'vite';

const file = 'src/atlas/shipped.json';
const { values: options, positionals: chosen } = parseArgs({
  allowPositionals: true,
  options: { fresh: { type: 'boolean' }, 'no-browser': { type: 'boolean' }, seed: { type: 'string' } },
});
const first = options.seed === undefined ? null : Number(options.seed);
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
const browser = options['no-browser'] || first !== null ? null : await chromium.launch(launchOptions).catch(() => null);
const page = await browser?.newPage();
if (page) {
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${url}blank`);
} else if (first === null) console.warn('Without a browser: on the CPU engine alone.');
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
const timed = async (/** @type {() => Promise<any>} */ run, /** @type {number} */ seeds) => {
  const began = performance.now();
  const result = await run();
  return result && kept(result, seeds, performance.now() - began);
};
let [asExpected, all] = [0, 0];
/** Prints what became of a study's claims. */
const report = (/** @type {any} */ { id, claims }, /** @type {any} */ { verdicts, milliseconds }) => {
  console.log(`${id} (${(milliseconds / 1000).toFixed(1)} s)`);
  for (const { id: claim, expected } of claims) {
    const isExpected = verdicts[claim] === expected;
    console.log(`  ${isExpected ? '✓' : '✗'} ${claim}: ${verdicts[claim]}${isExpected ? '' : `, expected: ${expected}`}`);
    asExpected += Number(isExpected);
    all++;
  }
};
const isStale = (/** @type {string} */ id) => entries[id]?.hash !== hashOf(id) || (page && !entries[id].engines.webgpu);
const isWanted = (/** @type {string} */ id) => (chosen.length > 0 ? chosen.includes(id) : options.fresh || first !== null || isStale(id));
try {
  for (const id of studyIds.filter(isWanted)) {
    const study = await loadStudy(id);
    const seeds = study.seeds.page;
    const cpu = await timed(() => runStudy(study, engine, { seeds, seed: first ?? 1 }), seeds);
    report(study, cpu);
    if (first !== null) continue;
    const webgpu = await timed(() => onWebGPU(id), webgpuSeeds);
    entries[id] = { hash: hashOf(id), date: new Date().toISOString().slice(0, 10), engines: { cpu, ...(webgpu ? { webgpu } : {}) } };
    write();
  }
  if (first === null) write();
  console.log(`${asExpected} of ${all} verdicts are as expected.`);
} finally {
  await browser?.close();
  await server.close();
}
process.exit(asExpected === all ? 0 : 1);
