import { type Theme, themes } from '../../atlas/themes.ts';
import { choice, type Field, named, optional, type TextCodec, table, text, viewLink } from '../../shell/links/fields.ts';
import { type LinkFields, type LinkReader, writeLink } from '../../shell/links/link.ts';
import { type StudyLink, studyFields } from '../../shell/study/study-link.ts';
import { papersPlace } from './place.ts';

/** The ways through the papers: the first is the one that the index opens with. */
export const ways = ['themes', 'course', 'timeline', 'disagreements'] as const;
export type Way = (typeof ways)[number];

/** What a link to the papers holds. */
export interface PapersLink extends StudyLink {
  /** the arXiv id of the paper whose page is open, or the id of a study of what is often said; null: the index */
  readonly paper: string | null;
  /** the study that is shown, where it is not the first of its paper */
  readonly study: string | null;
  /** how the index is seen; default by theme */
  readonly way?: Way;
  /** what is searched for in the index */
  readonly query: string;
  readonly theme: Theme | null;
  /** the loss that a toy must train, by `slugOf`; default any */
  readonly trains?: string | null;
  /** the disagreement that is pointed at, where the index is seen by them; default none */
  readonly parting?: string | null;
  /** a claim that is pointed at; without a paper it leads to its paper */
  readonly claim: string | null;
}

export const defaultPapers: PapersLink = { paper: null, study: null, values: [], seed: 1, query: '', theme: null, claim: null };

const longestQuery = 100;

const query: TextCodec<string> = {
  read: (written) => (written.length <= longestQuery ? written : null),
  write: String,
  rule: `A search has at most ${longestQuery} characters.`,
};
/** Which there are is known to the view, which is fetched later; here an id only has to look like one. */
const id = (rule: string): TextCodec<string> => ({
  read: (written) => (/^[a-z0-9][a-z0-9-]{1,60}$/.test(written) ? written : null),
  write: String,
  rule,
});
const loss: TextCodec<string> = {
  read: (written) => (/^(group\.)?[a-z][a-z0-9_]{0,40}$/.test(written) ? written : null),
  write: String,
  rule: 'A loss is named as in the catalogue, in lower-case letters, digits and underscores.',
};
/** The name of a paper's page, in its place in the link. */
const room: Field<string | null> = {
  read: (reader) => {
    const { place } = reader;
    if (!place?.startsWith(papersPlace.rooms)) return null;
    const name = place.slice(papersPlace.rooms.length);
    if (/^(\d{4}\.\d{4,5}|often-[a-z0-9-]{1,60})$/.test(name)) return name;
    reader.refuse('address', place, 'A paper’s page is named by its arXiv id, as in #/paper/2410.08847. Here are all papers.');
    return null;
  },
  write: () => ({}),
};

const fields = viewLink(
  table<Pick<PapersLink, 'study' | 'values' | 'seed'>>({
    study: text('study', id('A study is named in lower-case letters, digits and hyphens.'), null),
    ...studyFields,
  }),
  () =>
    table<Pick<PapersLink, 'way' | 'parting' | 'query' | 'theme' | 'trains' | 'claim'>>({
      way: optional(choice('way', ways, 'themes')),
      parting: optional(text('parting', id('A question is named in lower-case letters, digits and hyphens.'), null)),
      query: text('q', query, ''),
      theme: text('theme', named((Object.keys(themes) as Theme[]).map((theme) => [theme, theme] as const)), null),
      trains: optional(text('trains', loss, null)),
      claim: text('claim', id('A claim is named in lower-case letters, digits and hyphens.'), null),
    }),
);

export function readPapers(reader: LinkReader): PapersLink {
  const seeds = reader.take('seeds'); // how many, in links to the claims that the papers have taken the place of
  if (seeds !== null) reader.refuse('seeds', seeds, 'Each toy has its own number of seeds now: this one is of no use any more.');
  return { paper: room.read(reader), ...fields.read(reader) };
}
export const writePapers = ({ paper, ...state }: PapersLink): LinkFields => ({
  ...fields.write(state),
  ...(paper === null ? {} : { room: papersPlace.rooms + paper }),
});

/** The link to a disagreement, without '#'. */
export const partingHash = (parting: string): string => papersHash({ way: 'disagreements', parting });

/** The link to a place of the view, without '#'. */
export const papersHash = (link: Partial<PapersLink>): string => writeLink(papersPlace.route, writePapers({ ...defaultPapers, ...link }));
