// `npm run bench [-- --quick] [--only part of a kernel's name or shape] [--rounds n] [--hardware] [--keep]`: times the kernels and their peers in
// Chromium, one page for all, and ensembles' first calls in a browser of their own. --hardware: this machine's own adapter instead of the
// software one that every machine has. --keep: README's figures become those of this run, once `npm run generate` has written them.
import { chromium } from 'playwright';
import { createServer, runnerImport } from 'vite';
import { benchOptions, installOnDemand, onDemand, writeReport } from './bench-report.mjs';

const options = benchOptions();
const { module } = await runnerImport('./src/build/chromium.ts', { configFile: false, logLevel: 'error' });
const software = ['--use-webgpu-adapter=swiftshader', '--use-vulkan=swiftshader', '--use-angle=swiftshader'];
const { args, ...launch } = module.launchOptions;
const onnx = installOnDemand();
const server = await createServer({
  configFile: false,
  root: process.cwd(),
  cacheDir: 'node_modules/.vite-bench',
  logLevel: 'error',
  server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  optimizeDeps: {
    entries: ['tests/bench/bench.html'],
    include: [
      '@jax-js/jax',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients',
      '@tensorflow/tfjs-backend-wasm',
      '@tensorflow/tfjs-backend-webgpu',
    ],
  },
});
await server.listen();
const url = server.resolvedUrls?.local[0];
const folders = {
  wasmFolder: `${url}node_modules/@tensorflow/tfjs-backend-wasm/dist/`,
  onnxFolder: onnx ? `${url}${onDemand}/node_modules/onnxruntime-web/dist/` : null,
};

/**
 * What a function of the page gives, in a browser of its own.
 * @param {string} name
 * @param {unknown[]} values
 */
async function inBrowser(name, ...values) {
  const browser = await chromium.launch({
    ...launch,
    args: options.hardware ? args.filter((/** @type {string} */ flag) => !software.includes(flag)) : args,
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => message.type() === 'log' && console.log(message.text()));
    page.on('pageerror', (error) => console.error(error));
    await page.goto(`${url}tests/bench/bench.html`);
    await page.waitForFunction('globalThis.benchmark');
    const result = await page.evaluate(`${name}(${values.map((value) => JSON.stringify(value)).join()})`);
    return { result, version: browser.version() };
  } finally {
    await browser.close();
  }
}

/** Longer first calls are not measured: the warm ones tell enough of them. */
const longCall = 20_000;

try {
  const { result: report, version } = await inBrowser('benchmark', { ...options, ...folders });
  /** @type {import('../../../tests/bench/bench.ts').Report['shapes']} */
  const trained = report.shapes.filter((/** @type {{ updates: number }} */ { updates }) => updates > 0);
  for (const shape of trained)
    for (const measurement of shape.measurements) {
      const { contestant, isExtrapolated, milliseconds } = measurement;
      if (isExtrapolated || milliseconds > longCall || contestant.includes('every core')) continue;
      const times = [];
      for (let round = 0; round < Math.min(3, options.rounds); round++)
        times.push((await inBrowser('benchmarkCold', folders, contestant, shape.name)).result);
      measurement.cold = times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
    }
  await writeReport('browser', `Chromium ${version}`, options, report);
} finally {
  await server.close();
}
process.exit(0);
