import type { Plugin } from 'vite';
import { runnerImport } from 'vite';
import { translation } from './text/translation.ts';

/** What a view's own entry says of it. */
interface Entry {
  readonly id: string;
  readonly route: string;
  readonly title: string;
  readonly summary: string;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const titleTag = /<title>([\s\S]*?)<\/title>/;
const descriptionTag = /(<meta name="description" content=")([^"]*)(">)/;

/** The page's HTML with what other sites show of a link to it. Title and description are HTML already. */
function shared(html: string): string {
  const title = titleTag.exec(html)?.[1];
  const description = descriptionTag.exec(html)?.[2];
  if (title === undefined || description === undefined) throw new Error('index.html has no title, or no description.');
  const tags = [
    ['og:type', 'website'],
    ['og:site_name', 'prefscope'],
    ['og:title', title],
    ['og:description', description],
  ].map(([property, content]) => `<meta property="${property}" content="${content}">`);
  return html.replace(titleTag, (tag) => [tag, ...tags, '<meta name="twitter:card" content="summary">'].join('\n    '));
}

/** The page's HTML as the entry of a view, one folder below: `src/main.ts` reads from it which view it opens. */
export function entryOf(html: string, { route, title, summary }: Omit<Entry, 'id'>): string {
  const own = html
    .replace(
      titleTag,
      () => `<title>${escaped(`${title} · prefscope`)}</title>\n    <meta name="prefscope-place" content="${escaped(route)}">`,
    )
    .replace(descriptionTag, (_, before: string, _old: string, after: string) => before + escaped(summary) + after)
    .replaceAll(/\b(src|href)="\.\//g, '$1="../');
  return shared(own);
}

/** Gives every view an address without '#', for search engines and for what other sites show of a link: `<view>/index.html`. */
export const entries = (): Plugin => ({
  name: 'entries',
  apply: 'build',
  generateBundle: {
    order: 'post', // after the page; the service worker's list of files comes after this
    async handler(_, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') throw new Error('The build has no index.html.');
      const html = String(page.source);
      const { module } = await runnerImport<{ views: readonly Entry[] }>('./src/page/views.ts', {
        configFile: false,
        logLevel: 'error',
        plugins: [translation()],
      });
      for (const view of module.views) this.emitFile({ type: 'asset', fileName: `${view.id}/index.html`, source: entryOf(html, view) });
      page.source = shared(html);
    },
  },
});
