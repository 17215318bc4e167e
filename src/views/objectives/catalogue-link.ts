import type { Move } from '../../core/regime.ts';
import { type Field, list, named, optional, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
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

/** One of a few words; undefined where the link has none that can be read. */
const oneOrAll = <T extends string>(key: string, words: readonly T[]): Field<T | undefined> => {
  const field = text<T, null>(key, named(words.map((each) => [each, each] as const)), null);
  return { read: (reader) => field.read(reader) ?? undefined, write: (value) => field.write(value ?? null) };
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
