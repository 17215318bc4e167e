// `npm run bench:node [-- --quick] [--only part of a kernel's name or shape] [--rounds n] [--hardware]`: times the kernels under Dawn for
// Node, without a browser. --hardware: on this machine's own adapter instead of the software one, and each kernel at each width of a row, for
// the share of the copy kernel's bandwidth that it reaches there. --widths: that, on whatever adapter.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runnerImport } from 'vite';
import { findChromium } from '../find-chromium.mjs';
import { benchOptions, installOnDemand, onDemand, writeReport } from './bench-report.mjs';

const options = benchOptions();
const marker = 'PREFSCOPE_DAWN';
if (!options.hardware && !process.env[marker]) {
  // Chromium brings SwiftShader's Vulkan driver along, and a loader; both are looked up where a process begins.
  const folders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome', dirname(findChromium() ?? '')];
  const folder = folders.find((path) => existsSync(resolve(path, 'vk_swiftshader_icd.json')));
  if (!folder) console.warn('No SwiftShader driver was found beside Chromium: this runs on whatever adapter Dawn finds.');
  const driver = folder && { VK_ICD_FILENAMES: resolve(folder, 'vk_swiftshader_icd.json'), LD_LIBRARY_PATH: folder };
  const env = { XDG_RUNTIME_DIR: '/tmp', ...process.env, ...driver, [marker]: '1' };
  const { status } = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit', env });
  process.exit(status ?? 1);
}
if (!installOnDemand()) process.exit(1);
const webgpu = await import(pathToFileURL(resolve(onDemand, 'node_modules/webgpu/index.js')).href);
Object.assign(globalThis, webgpu.globals);
if (!globalThis.navigator) Object.defineProperty(globalThis, 'navigator', { value: {} });
Object.defineProperty(globalThis.navigator, 'gpu', { value: webgpu.create([]) });

const { module } = await runnerImport('./tests/bench/node.ts', { configFile: false, logLevel: 'error' });
const report = await module.benchmarkInNode({ ...options, widths: options.hardware || options.widths });
await writeReport('node', `Dawn for Node, Node ${process.versions.node}`, options, report);
process.exit(0);
