import type { Linked } from '../../shell/links/link.ts';
import type { Rooms } from '../../shell/links/rooms.ts';

/** Where links find the view: the index, and a page for each paper. */
export const papersPlace = {
  id: 'papers',
  route: 'papers',
  rooms: 'paper/',
  formerly: [{ id: 'claims', route: 'claims' }],
} as const satisfies Linked & { rooms: Rooms['paper'] };
