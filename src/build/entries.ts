import type { Plugin } from 'vite';
import { runnerImport } from 'vite';
import type * as Drawn from './pictures/drawn.ts';
import type * as Rooms from './rooms.ts';
import { translation } from './text/translation.ts';

/** What a view's own entry says of it. */
interface Entry {
  readonly id: string;
  readonly route: string;
  readonly title: string;
  readonly summary: string;
  /** views that it has taken the place of: their entries open it */
  readonly formerly?: readonly { readonly id: string }[];
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const titleTag = /<title>([\s\S]*?)<\/title>/;
const descriptionTag = /(<meta name="description" content=")([^"]*)(">)/;

/** Where a built page will stand, and what of it is shown beside a link elsewhere. */
export interface Shown {
  /** the site's address, with a slash at its end */
  readonly site: string;
  /** the page's place below it: '' or a folder with a slash at its end */
  readonly folder: string;
  readonly picture: { readonly file: string; readonly alt: string };
}

/** Measures of every picture, as servers ask for them. */
const pictureSize = { width: 1200, height: 630 } as const;

/**
 * The site's address from the build's one setting of it, PREFSCOPE_SITE; null where it is not set. Other sites take no relative addresses,
 * so that without it links are shown there without a picture.
 */
export function siteOf(setting: string | undefined): string | null {
  if (!setting) return null;
  const url = URL.canParse(setting) ? new URL(setting) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new Error(`PREFSCOPE_SITE must be the address of the site, such as https://example.org/prefscope/, not ${setting}.`);
  return url.href.replace(/\/*$/, '/');
}

/** The page's HTML with what other sites show of a link to it. Title and description are HTML already. */
export function shared(html: string, shown: Shown | null): string {
  const title = titleTag.exec(html)?.[1];
  const description = descriptionTag.exec(html)?.[2];
  if (title === undefined || description === undefined) throw new Error('index.html has no title, or no description.');
  const about = {
    'og:type': 'website',
    'og:site_name': 'prefscope',
    'og:title': title,
    'og:description': description,
    ...(shown && {
      'og:url': escaped(shown.site + shown.folder),
      'og:image': escaped(shown.site + shown.picture.file),
      'og:image:type': 'image/png',
      'og:image:width': pictureSize.width,
      'og:image:height': pictureSize.height,
      'og:image:alt': escaped(shown.picture.alt),
    }),
  };
  const tags = Object.entries(about).map(([property, content]) => `<meta property="${property}" content="${content}">`);
  const card = `<meta name="twitter:card" content="${shown ? 'summary_large_image' : 'summary'}">`;
  return html.replace(titleTag, (tag) => [tag, ...tags, card].join('\n    '));
}

/** The page's HTML as the entry of a view, in a folder below, one for each part of its path: `src/main.ts` reads from it what it opens. */
export function entryOf(
  html: string,
  { route, title, summary }: Pick<Entry, 'route' | 'title' | 'summary'>,
  shown: Shown | null = null,
  up = '../',
): string {
  const own = html
    .replace(
      titleTag,
      () =>
        `<title>${escaped(`${title} · prefscope`)}</title>\n    <meta name="prefscope-place" content="${escaped(route)}" data-page="${up}">`,
    )
    .replace(descriptionTag, (_, before: string, _old: string, after: string) => before + escaped(summary) + after)
    .replaceAll(/\b(src|href)="\.\//g, `$1="${up}`);
  return shared(own, shown);
}

/** Where the picture of a view lies. Its own name: the page never asks for it, and its copy without a network has none. */
const pictureOf = (id: string): string => `${id}/picture.png`;
export const isPicture = (file: string): boolean => file.endsWith('/picture.png');

/** A module of the page's, run by the build. */
async function imported<Module extends object>(path: string): Promise<Module> {
  const { module } = await runnerImport<Module>(path, { configFile: false, logLevel: 'error', plugins: [translation()] });
  return module;
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
      const site = siteOf(process.env['PREFSCOPE_SITE']);
      const { views } = await imported<{ views: readonly Omit<Entry, 'summary'>[] }>('./src/page/views.ts');
      const { summaries } = await imported<{ summaries: Readonly<Record<string, string>> }>('./src/page/summaries.ts');
      const pictures = site === null ? [] : (await imported<typeof Drawn>('./src/build/pictures/drawn.ts')).pictures;
      for (const { id, png } of pictures) this.emitFile({ type: 'asset', fileName: pictureOf(id), source: png });
      const shownOf = (id: string, folder: string): Shown | null => {
        const picture = pictures.find((each) => each.id === id) ?? pictures[0];
        return site !== null && picture ? { site, folder, picture: { file: pictureOf(picture.id), alt: picture.alt } } : null;
      };
      for (const view of views)
        for (const { id } of [view, ...(view.formerly ?? [])])
          this.emitFile({
            type: 'asset',
            fileName: `${id}/index.html`,
            source: entryOf(html, { ...view, summary: summaries[view.id] ?? '' }, shownOf(view.id, `${view.id}/`)),
          });
      const { rooms } = await imported<typeof Rooms>('./src/build/rooms.ts');
      for (const { room, title, summary } of rooms)
        this.emitFile({
          type: 'asset',
          fileName: `${room}/index.html`,
          source: entryOf(html, { route: room, title, summary }, shownOf(room, `${room}/`), '../'.repeat(room.split('/').length)),
        });
      page.source = shared(html, shownOf('', ''));
    },
  },
});
