import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view: the index, and a page for each paper. */
export const papersPlace = { id: 'papers', route: 'papers', rooms: 'paper/' } as const satisfies Linked;
