import type { Move } from '../../core/regime.ts';
import { choice, type Field, list, optional, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { catalogueEntries, courses, families, familySlug, slugOf } from './catalogue-view.ts';

/** What a link to the catalogue holds. */
export interface CatalogueLink {
  /** what is searched for */
  readonly query: string;
  /** objectives that stand side by side, by `slugOf` */
  readonly compared: readonly string[];
  /** the family that is shown, by `familySlug`; default: all */
  readonly family?: string;
  /** what the chosen answer does in those that are shown; default: anything */
  readonly course?: Move;
  /** objectives whose details stand open, by `slugOf`; default: none */
  readonly opened?: readonly string[];
}

/** Most objectives side by side, and most whose details a link opens. */
export const mostCompared = 3;
const longestQuery = 100;

export const defaultCatalogue: CatalogueLink = { query: '', compared: [] };

const query: TextCodec<string> = {
  read: (written) => (written.length <= longestQuery ? written : null),
  write: String,
  rule: `A search has at most ${longestQuery} characters.`,
};
const known = new Set(catalogueEntries.map(slugOf));
const some = list(
  { read: (id: string) => (known.has(id) ? id : null), write: String },
  '~',
  { min: 0, max: mostCompared },
  `It must be at most ${mostCompared} names of objectives, each once, joined by ~.`,
);
const eachOnce: typeof some = {
  ...some,
  read: (written) => {
    const ids = some.read(written);
    return ids && new Set(ids).size === ids.length ? ids : null;
  },
};
const names = (key: string) => text<readonly string[], readonly string[]>(key, eachOnce, []);

const all = 'all';
/** One of a few words, or none of them. */
const oneOrAll = <T extends string>(key: string, words: readonly T[]): Field<T | undefined> => {
  const field = choice(key, [all, ...words], all);
  const narrow = (read: T | typeof all): T | undefined => (read === all ? undefined : (read as T));
  return { read: (reader) => narrow(field.read(reader)), write: (value) => field.write(value ?? all) };
};
const nothing: Field<object> = { read: () => ({}), write: () => ({}) };

/** All of it is looked at: nothing here trains. */
export const { read: readCatalogue, write: writeCatalogue } = viewLink(nothing, () =>
  table<CatalogueLink>({
    query: text('q', query, ''),
    family: oneOrAll('family', families.map(familySlug)),
    course: oneOrAll('does', courses),
    compared: names('side'),
    opened: optional(names('open')),
  }),
);
