// `npm run bench [-- --quick] [--only part of a kernel's name or shape] [--rounds n] [--hardware]`: times the kernels and their peers in
// Chromium, one page for all. --hardware: this machine's own adapter instead of the software one that every machine has.
import { chromium } from 'playwright';
import { createServer, runnerImport } from 'vite';
import { benchOptions, installOnDemand, onDemand, writeReport } from './bench-report.mjs';

const options = benchOptions();
const { module } = await runnerImport('./src/build/chromium.ts', { configFile: false, logLevel: 'error' });
const software = ['--use-webgpu-adapter=swiftshader', '--use-vulkan=swiftshader', '--use-angle=swiftshader'];
const { args, ...launch } = module.launchOptions;
const onnx = false;
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
  const folders = {
    wasmFolder: `${url}node_modules/@tensorflow/tfjs-backend-wasm/dist/`,
    onnxFolder: onnx ? `${url}${onDemand}/node_modules/onnxruntime-web/dist/` : null,
  };
  const report = await page.evaluate(`benchmark(${JSON.stringify({ ...options, ...folders })})`);
  await writeReport('browser', `Chromium ${browser.version()}`, options, report);
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);
