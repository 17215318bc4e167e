import { type Field, list, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { catalogueEntries, slugOf } from './catalogue-view.ts';

/** What a link to the catalogue holds. */
export interface CatalogueLink {
  /** what is searched for */
  readonly query: string;
  /** objectives that stand side by side, by `slugOf` */
  readonly compared: readonly string[];
}

/** Most objectives side by side. */
export const mostCompared = 3;
const longestQuery = 100;

export const defaultCatalogue: CatalogueLink = { query: '', compared: [] };

const query: TextCodec<string> = {
  read: (written) => (written.length <= longestQuery ? written : null),
  write: String,
  rule: `A search has at most ${longestQuery} characters.`,
};
const known = new Set(catalogueEntries.map(slugOf));
const compared = list(
  { read: (id: string) => (known.has(id) ? id : null), write: String },
  '~',
  { min: 0, max: mostCompared },
  `It must be at most ${mostCompared} names of objectives, each once, joined by ~.`,
);
const eachOnce: typeof compared = {
  ...compared,
  read: (written) => {
    const ids = compared.read(written);
    return ids && new Set(ids).size === ids.length ? ids : null;
  },
};

const nothing: Field<object> = { read: () => ({}), write: () => ({}) };

/** All of it is looked at: nothing here trains. */
export const { read: readCatalogue, write: writeCatalogue } = viewLink(nothing, () =>
  table<CatalogueLink>({ query: text('q', query, ''), compared: text<readonly string[], readonly string[]>('side', eachOnce, []) }),
);
