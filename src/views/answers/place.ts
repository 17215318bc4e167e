import type { Linked } from '../../shell/links/link.ts';
import type { Rooms } from '../../shell/links/rooms.ts';

/** Where links find the view: the list of questions, and a page for each answer. */
export const answersPlace = { id: 'answers', route: 'answers', rooms: 'answer/' } as const satisfies Linked & { rooms: Rooms['answer'] };
