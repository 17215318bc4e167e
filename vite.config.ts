import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import packageJson from './package.json' with { type: 'json' };
import { launchOptions } from './src/build/chromium.ts';
import { contentSecurityPolicy } from './src/build/content-security-policy.ts';
import { entries } from './src/build/entries.ts';
import { firstLoad } from './src/build/first-load.ts';
import { licences } from './src/build/licences.ts';
import { notebooks } from './src/build/notebooks.ts';
import { offline } from './src/build/offline.ts';
import { shortShaders } from './src/build/short-shaders.ts';
import { translation } from './src/build/text/translation.ts';
import { workerInGraph } from './src/build/worker-in-graph.ts';

const shipped = licences(import.meta.dirname);

/** The plugins that the page and the notebooks are built with. */
const shared = () => [
  translation(),
  svelte({
    compilerOptions: {
      // Runes in our own components; packages may still ship components without them.
      runes: ({ filename }) => (filename.split(/[/\\]/).includes('node_modules') ? undefined : true),
    },
  }),
  contentSecurityPolicy(),
  shortShaders(),
  shipped.write,
];

export default defineConfig({
  define: { __APP_VERSION__: JSON.stringify(packageJson.version) },
  base: './', // relative URLs: the built page works from any sub-path
  plugins: [...shared(), workerInGraph(), firstLoad(), entries(), offline(), ...notebooks(shared)],
  build: {
    target: 'es2023',
    sourcemap: true,
    assetsInlineLimit: 0, // a data: URL would need an exception in the page's policy
    modulePreload: {
      polyfill: false,
      // What a worker imports as it runs cannot be preloaded there, without a document. The page's views, which have styles, can.
      resolveDependencies: (_, files, { hostType }) => (hostType === 'html' || files.some((file) => file.endsWith('.css')) ? files : []),
    },
  },
  worker: { format: 'es', plugins: () => [translation(), shortShaders(), shipped.gather] },
  test: {
    reporters: ['default'],
    maxWorkers: 2, // tests of the page wait as often as they compute; a third worker saved nothing on two cores
    tags: [{ name: 'slow', description: 'takes seconds on a quiet core: `npm run test:quick` leaves these out' }],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          include: ['tests/unit/**/*.test.ts', 'tests/shaders/**/*.test.ts'],
          testTimeout: 300_000, // property tests; the machine may be busy
        },
      },
      {
        extends: true,
        optimizeDeps: { include: ['svelte', 'd3', 'axe-core', 'fast-check'] },
        test: {
          name: 'gpu',
          include: ['tests/gpu/**/*.test.ts'],
          testTimeout: 300_000,
          provide: { trials: Number(process.env['TRIALS'] ?? 40), trialsSeed: Number(process.env['TRIALS_SEED'] ?? 5) },
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['tests/e2e/**/*.test.ts'],
          globalSetup: 'tests/e2e/built-site.ts',
          retry: 1, // a browser on a busy machine now and then loses a race; what is broken fails twice
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect: { poll: { timeout: 120_000 } }, // waits for the page, never for a speed
        },
      },
    ],
  },
});
