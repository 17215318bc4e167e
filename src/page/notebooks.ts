import type { ViewId } from '../shell/links/link.ts';

/** The notebook that goes on where a view of the page ends. */
const continued: Partial<Record<ViewId, string>> = {
  displacement: 'displacement',
  entanglement: 'entanglement',
  modes: 'mode-seeking',
  map: 'phase-map',
  objectives: 'your-own-loss',
  pairs: 'your-own-pairs',
  device: 'numbers',
};

/** The address of a view's notebook, with the same experiment; null where there is none. `hash` is the page's link, without '#'. */
export function notebookAddress(view: ViewId, hash: string): string | null {
  const name = continued[view];
  return name ? `./notebooks/${name}.html${hash === '' ? '' : `#${hash}`}` : null;
}
