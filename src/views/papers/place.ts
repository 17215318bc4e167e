import type { Linked } from '../../shell/links/link.ts';
import { rooms } from '../../shell/links/rooms.ts';

/** Where links find the view: the index, and a page for each paper. */
export const papersPlace = {
  id: 'papers',
  route: 'papers',
  rooms: rooms.paper,
  formerly: [{ id: 'claims', route: 'claims' }],
} as const satisfies Linked;
