import { word } from '../../core/word.ts';

/** What the two responses of a pair are called. */
export const sideWords = { chosen: word('chosen'), rejected: word('rejected') } as const;
