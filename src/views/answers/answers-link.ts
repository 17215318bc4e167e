import { type Field, table, viewLink } from '../../shell/links/fields.ts';
import { type LinkFields, type LinkReader, plainLink, writeLink } from '../../shell/links/link.ts';
import { type StudyLink, studyFields } from '../../shell/study/study-link.ts';
import { answersPlace } from './place.ts';

/** What a link to the answers holds. */
export interface AnswersLink extends StudyLink {
  /** the answer that is open, by name; null: the list */
  readonly answer: string | null;
}

export const defaultAnswers: AnswersLink = { answer: null, values: [], seed: 1 };

/** Which there are is known to the view, which is fetched later; here a name only has to look like one. */
const room: Field<string | null> = {
  read: (reader) => {
    const { place } = reader;
    if (!place?.startsWith(answersPlace.rooms)) return null;
    const name = place.slice(answersPlace.rooms.length);
    if (/^[a-z0-9][a-z0-9-]{1,60}$/.test(name)) return name;
    reader.refuse('address', place, 'An answer is named in lower-case letters, digits and hyphens. Here are all of them.');
    return null;
  },
  write: () => ({}),
};

const fields = viewLink(table<StudyLink>(studyFields), () => table<object>({}));

export const readAnswers = (reader: LinkReader): AnswersLink => ({ answer: room.read(reader), ...fields.read(reader) });
export const writeAnswers = ({ answer, ...study }: AnswersLink): LinkFields => ({
  ...fields.write(study),
  ...(answer === null ? {} : { room: answersPlace.rooms + answer }),
});

/** The link to the list, or to an answer, without '#'. */
export const answersHash = (link: Partial<AnswersLink>): string =>
  writeLink(answersPlace.route, writeAnswers({ ...defaultAnswers, ...link })) || plainLink(answersPlace.route);
