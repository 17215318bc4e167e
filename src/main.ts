import { mount } from 'svelte';
import App from './page/App.svelte';
import { FailedLoad } from './page/failed-load.svelte.ts';
import { OfflineCopy } from './page/offline-copy.svelte.ts';
import './page/browser-translation.ts';
import './page/own-scripts.ts';
import './page/printed-size.ts';
import { Page } from './page/page.svelte.ts';
import { storedTheme } from './page/theme.ts';
import { whenIdle } from './page/when-idle.ts';
import Broken from './shell/controls/Broken.svelte';
import { firstInteraction } from './shell/controls/first-interaction.ts';
// What the first paint shows is part of the page's own load; the other views are fetched when they are opened.
import './views/displacement/open.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element with the id "app".');

// A view's own entry stands in a folder of the site (src/build/entries.ts): from here on this is the page above it.
const { content: place, dataset: { page: above = '../' } = {} } =
  document.querySelector<HTMLMetaElement>('meta[name="prefscope-place"]') ?? {};
if (place) {
  // What the browser fetches later, it would look for from there.
  for (const link of document.querySelectorAll<HTMLLinkElement>('link[rel=icon], link[rel=manifest]')) link.setAttribute('href', link.href);
  history.replaceState(null, '', `${above}${location.search}${location.hash || `#/${place}`}`);
}

const theme = storedTheme();
if (theme !== 'system') document.documentElement.dataset['theme'] = theme;

void firstInteraction.then(() => import('./page/printed-sections.ts'));

const asked = new URLSearchParams(location.search).get('engine');
const choice = asked === 'cpu' || asked === 'webgpu' ? asked : 'auto';
const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;

const failed = new FailedLoad();
let isShown = false;
try {
  // The toy takes the CPU engine about a millisecond, so the first paint has its curves already.
  const page = await Page.create({ hash: location.hash, choice, calm });
  failed.watch(page);
  // A browser tells what has the focus that it loses it as it goes: by then what would be asked has gone, too.
  page.onleave = () => document.querySelector<HTMLElement>('main :focus')?.blur();
  const offlineCopy = new OfflineCopy();
  target.replaceChildren();
  isShown = true;
  mount(App, { target, props: { page, theme, offlineCopy, failed } });
  await page.engine.open();
  void whenIdle().then(() => page.prepareAhead());
  if (import.meta.env.PROD) await offlineCopy.keep(); // last: it fetches what the page did not need so far
} catch (error) {
  console.error(error);
  if (!isShown) {
    target.replaceChildren();
    mount(Broken, { target, props: { error } });
  }
}
