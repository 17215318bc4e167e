// Writes (or, with --check, compares) src/backend/webgpu/generated/*.ts from shaders/*.wgsl.
import { runnerImport } from 'vite';

const { module } = await runnerImport('./src/build/generate-bindings.ts', { configFile: false, logLevel: 'error' });
const stale = module.generateBindings({ write: !process.argv.includes('--check') });
if (process.argv.includes('--check') && stale.length > 0) {
  console.error(`Stale: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.`);
  process.exit(1);
}
