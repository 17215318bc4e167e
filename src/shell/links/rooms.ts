import { plainLink } from './link.ts';

/** What the places of papers and of answers begin with: other views lead there as well. */
export const rooms = { paper: 'paper/', answer: 'answer/' } as const;

/** The hash of a link to a paper's page, without '#'. */
export const paperLink = (arxiv: string): string => plainLink(rooms.paper + arxiv);
/** The hash of a link to an answer, without '#'. */
export const answerLink = (slug: string): string => plainLink(rooms.answer + slug);
