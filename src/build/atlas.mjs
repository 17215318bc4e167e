// `npm run atlas [-- --fresh] [-- id ...]`: trains every study whose sources have changed since (all with --fresh, or those named), with
// its page seeds on the CPU engine, then with ten on WebGPU where a browser is there, and writes src/atlas/shipped.json after each: what
// is stopped goes on from there.
// With `--seed 1001` it trains all, or those named, with as many seeds from there on, on both engines, and writes nothing.
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

const url = server.resolvedUrls?.local[0] ?? '';
const browser = options['no-browser'] ? null : await chromium.launch(launchOptions).catch(() => null);
const page = await browser?.newPage();
if (page) {
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(`${url}blank`);
} else console.warn('Without a browser: on the CPU engine alone.');
/** The same study in the page, on WebGPU. */
const onWebGPU = async (/** @type {string} */ id, /** @type {number} */ seeds) =>
  page?.evaluate(
    async ([id, seeds, seed]) => {
      const [{ loadStudy }, { runStudy }, { openEngine }] = await Promise.all(
        ['catalogue', 'run-study', '../train/engine'].map((name) => import(new URL(`src/atlas/${name}.ts`, location.origin).href)),
      );
      const engine = await openEngine({ backend: 'webgpu' });
      try {
        return await runStudy(await loadStudy(id), engine, { seeds, seed });
      } finally {
        engine.dispose();
      }
    },
    /** @type {const} */ ([id, seeds, first ?? 1]),
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
/** Milliseconds: of this process's CPU time where it computes, so that others on the machine do not count; else of the clock. */
const now = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  webgpu: () => performance.now(),
};
const timed = async (/** @type {'cpu' | 'webgpu'} */ backend, /** @type {() => Promise<any>} */ run, /** @type {number} */ seeds) => {
  const began = now[backend]();
  const result = await run();
  return kept(result, seeds, now[backend]() - began);
};
let [asExpected, all] = [0, 0];
/** Prints what became of a study's claims. */
const report = (/** @type {any} */ { id, claims }, /** @type {any} */ { verdicts, milliseconds, seeds }, /** @type {string} */ backend) => {
  console.log(`${id} on ${backend}, ${seeds} seeds (${(milliseconds / 1000).toFixed(1)} s)`);
  for (const { id: claim, expected } of claims) {
    const isExpected = verdicts[claim] === expected;
    const isTooFew = backend === 'webgpu' && verdicts[claim] === 'inconclusive'; // ten seeds decide less than all of them
    console.log(`  ${isExpected ? '✓' : isTooFew ? '·' : '✗'} ${claim}: ${verdicts[claim]}${isExpected ? '' : `, expected: ${expected}`}`);
    if (isTooFew) continue;
    asExpected += Number(isExpected);
    all++;
  }
};
/** Seeds of a study on an engine. */
const seedsOn = (/** @type {string} */ backend, /** @type {any} */ { seeds }) =>
  backend === 'cpu' ? seeds.page : Math.min(10, seeds.page);
/** Of the sources as they are now: what is trained is loaded now, whatever is edited meanwhile. */
const hashes = new Map(studyIds.map((/** @type {string} */ id) => [id, hashOf(id)]));
const isStale = (/** @type {string} */ backend, /** @type {any} */ study) =>
  entries[study.id]?.hash !== hashes.get(study.id) || entries[study.id].engines[backend]?.seeds !== seedsOn(backend, study);
const isWanted = (/** @type {string} */ backend, /** @type {any} */ study) =>
  chosen.length > 0 ? chosen.includes(study.id) : options.fresh || first !== null || isStale(backend, study);
const runs = {
  cpu: (/** @type {any} */ study, /** @type {number} */ seeds) => runStudy(study, engine, { seeds, seed: first ?? 1 }),
  webgpu: (/** @type {any} */ study, /** @type {number} */ seeds) => onWebGPU(study.id, seeds),
};
try {
  const studies = await Promise.all(studyIds.map(loadStudy));
  for (const backend of /** @type {('cpu' | 'webgpu')[]} */ (page ? ['cpu', 'webgpu'] : ['cpu']))
    for (const study of studies.filter((each) => isWanted(backend, each))) {
      const seeds = seedsOn(backend, study);
      const result = await timed(backend, () => runs[backend](study, seeds), seeds);
      report(study, result, backend);
      if (first !== null) continue;
      const hash = hashes.get(study.id);
      const { hash: before, engines = {} } = entries[study.id] ?? {};
      const engineResults = { ...(before === hash ? engines : {}), [backend]: result };
      entries[study.id] = { hash, date: new Date().toISOString().slice(0, 10), engines: engineResults };
      write();
    }
  if (first === null) write();
  const left = page ? '; those that ten seeds leave open on WebGPU (·) are not counted' : '';
  console.log(`${asExpected} of ${all} verdicts are as expected${left}.`);
} finally {
  await browser?.close();
  await server.close();
}
process.exit(asExpected === all ? 0 : 1);
