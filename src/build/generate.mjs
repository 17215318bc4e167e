// Writes (or, with --check, compares) what is made from other sources: src/backend/webgpu/generated/*.ts from shaders/*.wgsl, and
// the catalogue of English texts.
import { runnerImport } from 'vite';

/** @param {string} file */
const load = async (file) => (await runnerImport(file, { configFile: false, logLevel: 'error' })).module;
const [{ generateBindings }, { generateCatalogue }] = [
  await load('./src/build/generate-bindings.ts'),
  await load('./src/build/text/catalogue.ts'),
];
const write = !process.argv.includes('--check');
const stale = [...generateBindings({ write }), ...generateCatalogue({ write })];
if (!write && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.`);
  process.exit(1);
}
