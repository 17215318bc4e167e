// Writes (or, with --check, compares) what is made from other sources: src/backend/webgpu/generated/*.ts from shaders/*.wgsl, the
// measured behaviour of the objectives, the losses that studies train, the figures of the benchmarks, and the catalogue of English texts. With --fresh, all behaviour is
// measured again, and all losses are looked for.
import { createServer } from 'vite';

// a server, not `runnerImport`: what is loaded there can import no more once it has been
const server = await createServer({
  configFile: false,
  logLevel: 'error',
  appType: 'custom',
  server: { middlewareMode: true, ws: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
const write = !process.argv.includes('--check');
const fresh = process.argv.includes('--fresh');
try {
  const { generateBindings } = await server.ssrLoadModule('./src/build/generate/generate-bindings.ts');
  const { generateBehaviour } = await server.ssrLoadModule('./src/build/generate/generate-behaviour.ts');
  const { generateTrained } = await server.ssrLoadModule('./src/build/generate/generate-trained.ts');
  const { generateFigures } = await server.ssrLoadModule('./tests/bench/generate-figures.ts');
  const { generateCatalogue } = await server.ssrLoadModule('./src/build/text/catalogue.ts');
  const stale = [
    ...generateBindings({ write }),
    ...(await generateBehaviour({ write, fresh })),
    ...(await generateTrained({ write, fresh })),
    ...generateFigures({ write }),
    ...generateCatalogue({ write }),
  ];
  if (!write && stale.length > 0) {
    console.error(`Stale: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.`);
    process.exitCode = 1;
  }
} finally {
  await server.close();
}
