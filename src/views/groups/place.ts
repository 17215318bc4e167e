import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const groupsPlace = { id: 'groups', route: 'why/groups' } as const satisfies Linked;
