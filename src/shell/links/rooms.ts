import { plainLink } from './link.ts';

const rooms = { paper: 'paper/', answer: 'answer/' } as const;
/** What the places of papers and of answers begin with. Their views hold the same, since links are read before this is fetched. */
export type Rooms = typeof rooms;

/** The hash of a link to a paper's page, without '#'. */
export const paperLink = (arxiv: string): string => plainLink(rooms.paper + arxiv);
/** The hash of a link to an answer, without '#'. */
export const answerLink = (slug: string): string => plainLink(rooms.answer + slug);
