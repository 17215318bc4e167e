import type { Linked } from '../../shell/links/link.ts';
import { rooms } from '../../shell/links/rooms.ts';

/** Where links find the view: the list of questions, and a page for each answer. */
export const answersPlace = { id: 'answers', route: 'answers', rooms: rooms.answer } as const satisfies Linked;
