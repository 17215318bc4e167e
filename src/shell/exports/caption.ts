import { type Exports, provenance } from './export.ts';
import type { Caption } from './figure-svg.ts';

/** The link that shows again what is handed out. */
export const linkOf = ({ hash }: Exports): string =>
  hash === undefined ? location.href : location.href.replace(/#.*$/, '') + (hash === '' ? '' : `#${hash}`);

/** What stands below a figure: what it is called, and where it is from. */
export const captionOf = (title: string, exports: Exports): Caption => [title, ...provenance(exports, linkOf(exports))];
