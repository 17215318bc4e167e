import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view: the list of questions, and a page for each answer. */
export const answersPlace = { id: 'answers', route: 'answers', rooms: 'answer/' } as const satisfies Linked;
