import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const modesPlace = { id: 'modes', route: 'why/peaks' } as const satisfies Linked;
