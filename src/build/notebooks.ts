import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type IndexHtmlTransformContext, type Plugin, type PluginOption, type ResolvedConfig } from 'vite';

/** A notebook of the folder. */
export interface NotebookFile {
  /** without '.html' */
  readonly name: string;
  readonly title: string;
  /** the question that it answers: its first heading */
  readonly question: string;
}

const folder = 'notebooks';
const listId = 'virtual:notebooks';
/** the page that lists them */
const index = 'index.html';

/** The notebooks, in alphabetical order. */
export function listNotebooks(root: string): NotebookFile[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.html') && file !== index)
    .sort()
    .map((file) => {
      const text = readFileSync(join(root, folder, file), 'utf8');
      const name = file.replace(/\.html$/, '');
      return { name, title: /<title>(.*?)<\/title>/.exec(text)?.[1] ?? name, question: /^\s*# (.+)$/m.exec(text)?.[1] ?? '' };
    });
}

/** The list of the notebooks, as HTML. */
function listOf(notebooks: readonly NotebookFile[]): string {
  const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const items = notebooks.map(
    ({ name, title, question }) =>
      `<li><a class="semibold" href="./${name}.html">${escaped(title)}</a> <span class="muted small block">${escaped(question)}</span></li>`,
  );
  return `<ul class="stack bare-list">${items.join('')}</ul>`;
}

/** The kit is loaded with the first notebook that is asked for: it brings a DOM and a TypeScript of its own, a second's work. */
async function loadKit() {
  const [{ observable }, { foldSources, prepareCells }] = await Promise.all([
    import('@observablehq/notebook-kit/vite'),
    import('./notebook-cells.ts'),
  ]);
  const { transformIndexHtml } = observable({
    template: join(import.meta.dirname, '../notebook/page.html'),
    transformNotebook: (notebook) => prepareCells(notebook),
  }) as Plugin;
  if (typeof transformIndexHtml !== 'object') throw new Error('This version of the notebook kit is put together differently.');
  const render = transformIndexHtml.handler as (html: string, context: IndexHtmlTransformContext) => Promise<string>;
  return async (html: string, context: IndexHtmlTransformContext): Promise<string> =>
    foldSources(await render(html, context))
      // The page's own colours and runtime. The kit's theme is an inline style, which the policy of the built page forbids.
      .replace(/<style type="text\/css">[\s\S]*?<\/style>(?=<script type="module">)/, '')
      .replace('import {define} from "observable:runtime";', 'import { define } from "/src/notebook/runtime.ts";');
}

/** Turns `notebooks/*.html`, in the open format of Observable's Notebook Kit, into pages of this site. */
function pages(): Plugin {
  let root = '.';
  let kit: ReturnType<typeof loadKit> | null = null;
  return {
    name: 'notebooks',
    enforce: 'pre',
    // A scan for dependencies would read the cells of a notebook as modules, which they need not be.
    config: () =>
      process.env['VITEST'] ? {} : { optimizeDeps: { entries: ['index.html'], include: ['@observablehq/notebook-kit/runtime', 'temml'] } },
    configResolved(config) {
      root = config.root;
    },
    resolveId(source, importer) {
      if (source === listId) return `\0${listId}`;
      // The kit's standard library fetches libraries and data from a CDN when a cell names them. Here a cell has what src/notebook gives it.
      return importer?.includes('notebook-kit') && /^\.\/(recommendedLibraries|sampleDatasets)\.js$/.test(source)
        ? `\0${source}?${dirname(importer)}`
        : null;
    },
    load(id) {
      if (id === `\0${listId}`) return `export const notebooks = ${JSON.stringify(listNotebooks(root))};`;
      const [, library, directory] = /^\0\.\/(\w+)\.js\?(.*)$/.exec(id) ?? [];
      if (library === 'recommendedLibraries')
        return `export const md = () => import(${JSON.stringify(join(directory ?? '', 'md.js'))}).then(({ md }) => md);`;
      return library ? 'export {};' : null;
    },
    transformIndexHtml: {
      order: 'pre',
      async handler(html, context) {
        if (!context.path.includes(`/${folder}/`)) return html;
        if (context.path.endsWith(`/${index}`)) return html.replace(/<!-- the notebooks: .*? -->/, () => listOf(listNotebooks(root)));
        kit ??= loadKit();
        return (await kit)(html, context);
      },
    },
  };
}

/** `npm start` says what there is to open. */
const announcement = (): Plugin => ({
  name: 'notebooks-announcement',
  apply: 'serve',
  configureServer(server) {
    const { printUrls } = server;
    server.printUrls = () => {
      printUrls();
      const at = server.resolvedUrls?.local[0];
      const { logger, root } = server.config;
      if (at) for (const { name, question } of listNotebooks(root)) logger.info(`  ➜  ${at}${folder}/${name}.html  ${question}`);
    };
  },
});

/** Cells import as they run, what the notebooks' own code imports at once; and this build runs inside another, which then seems slow. */
const checks = { ineffectiveDynamicImport: false, pluginTimings: false };

/**
 * `vite build` builds the notebooks after the page, in a graph of their own: modules that both use are never merged into a chunk that the
 * page would have to load for a notebook's sake.
 */
function secondBuild(plugins: () => PluginOption[]): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'notebooks-build',
    apply: 'build',
    config: () => ({ build: { rolldownOptions: { checks } } }),
    configResolved(resolved) {
      config = resolved;
    },
    async writeBundle() {
      const { root, base, define, logLevel, build: options } = config;
      const names = listNotebooks(root).map(({ name }) => name);
      await build({
        configFile: false,
        root,
        base,
        ...(define ? { define } : {}),
        ...(logLevel ? { logLevel } : {}),
        plugins: [...plugins(), pages()],
        build: {
          target: options.target,
          sourcemap: options.sourcemap,
          assetsInlineLimit: options.assetsInlineLimit,
          modulePreload: options.modulePreload,
          outDir: options.outDir,
          emptyOutDir: false,
          rolldownOptions: {
            checks,
            input: Object.fromEntries(['index', ...names].map((name) => [name, join(root, folder, `${name}.html`)])),
          },
        },
        worker: { format: 'es' },
      });
    },
  };
}

/** Everything that the notebooks need of Vite. `shared` makes the plugins that notebooks are built with, as the page is. */
export const notebooks = (shared: () => PluginOption[]): PluginOption[] => [pages(), announcement(), secondBuild(shared)];
