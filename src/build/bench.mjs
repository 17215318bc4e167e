// `npm run bench [-- --hardware] [--rounds n] [part of a kernel's name or shape]`: times the kernels in Chromium and prints the
// bandwidth that they reach, as a share of the copy kernel's in the same rounds. --hardware: this machine's own adapter.
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { createServer, runnerImport } from 'vite';

const { values, positionals } = parseArgs({
  options: { hardware: { type: 'boolean', default: false }, rounds: { type: 'string', default: '15' } },
  allowPositionals: true,
});
const { module } = await runnerImport('./src/build/chromium.ts', { configFile: false, logLevel: 'error' });
const software = ['--use-webgpu-adapter=swiftshader', '--use-vulkan=swiftshader', '--use-angle=swiftshader'];
const { args, ...options } = module.launchOptions;
const server = await createServer({ configFile: false, root: process.cwd(), logLevel: 'error', server: { port: 0, host: '127.0.0.1' } });
await server.listen();
const browser = await chromium.launch({
  ...options,
  args: values.hardware ? args.filter((/** @type {string} */ flag) => !software.includes(flag)) : args,
});
try {
  const page = await browser.newPage();
  await page.goto(`${server.resolvedUrls?.local[0]}tests/bench/bench.html`);
  await page.waitForFunction('globalThis.benchmark');
  const run = `benchmark(${Number(values.rounds)}, ${JSON.stringify(positionals[0] ?? '')})`;
  const { adapter, measurements } = await page.evaluate(run);
  console.log(`Adapter: ${adapter}; ${values.rounds} rounds, medians.`);
  console.table(
    measurements.map((/** @type {import('../../tests/bench/bench.ts').Measurement} */ row) => ({
      kernel: row.kernel,
      shape: row.shape,
      ms: row.milliseconds.toFixed(3),
      '±': `${(100 * row.spread).toFixed(0)} %`,
      'GB/s': row.gigabytesPerSecond.toFixed(2),
      'copy GB/s': row.copyGigabytesPerSecond.toFixed(2),
      'of copy': `${(100 * row.share).toFixed(0)} %`,
    })),
  );
} finally {
  await browser.close();
  await server.close();
}
process.exit(0);
