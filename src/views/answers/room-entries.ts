import { answers } from '../../atlas/answers/catalogue.ts';
import type { RoomEntry } from '../../shell/view.ts';
import { answersPlace } from './place.ts';

/** What other sites show of a link to an answer. */
export const roomEntries: readonly RoomEntry[] = answers.map(({ slug, question, said, study, claim }) => ({
  room: answersPlace.rooms + slug,
  title: question,
  summary: said[0].replaceAll('`', ''),
  claim: { study, id: claim },
}));
