import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import { isPicture } from './entries.ts';

const serviceWorker = 'service-worker.js';
const manifest = 'manifest.webmanifest';

/** What a browser needs to know to install the page. The colours are those of the dark theme. */
const manifestOf = (icon: string): string =>
  JSON.stringify({
    name: 'prefscope',
    description: 'See where probability goes when you optimise preferences.',
    start_url: './',
    scope: './',
    display: 'standalone',
    background_color: '#0d1015',
    theme_color: '#0d1015',
    icons: [{ src: icon, sizes: 'any', type: 'image/svg+xml', purpose: 'any' }],
  });

/** Makes the built page installable, and lets it work without a network: its manifest, and a service worker that knows every file. */
export const offline = (): Plugin => ({
  name: 'offline',
  apply: 'build',
  buildStart() {
    this.emitFile({ type: 'chunk', id: 'src/page/service-worker.ts', fileName: serviceWorker });
  },
  transformIndexHtml: {
    order: 'post',
    handler: () => [{ tag: 'link', attrs: { rel: 'manifest', href: `./${manifest}` }, injectTo: 'head' }],
  },
  generateBundle: {
    order: 'post', // after the page, its styles and its workers
    handler(_, bundle) {
      const icon = Object.keys(bundle).find((file) => /\bicon-[^/]*\.svg$/.test(file));
      const worker = bundle[serviceWorker];
      if (!icon || worker?.type !== 'chunk') throw new Error('The build has no icon, or no service worker.');
      this.emitFile({ type: 'asset', fileName: manifest, source: manifestOf(`./${icon}`) });
      const hash = createHash('sha256').update(manifestOf(icon));
      const files = Object.keys(bundle)
        .filter((file) => file !== serviceWorker && !file.endsWith('.map') && !isPicture(file))
        .sort();
      for (const file of files) {
        const made = bundle[file];
        hash.update(file).update(made?.type === 'chunk' ? made.code : (made?.source ?? ''));
      }
      const build = { version: hash.digest('hex').slice(0, 12), files: [...files, manifest] };
      worker.code = worker.code.replace('__BUILD__', () => JSON.stringify(build));
    },
  },
});
