import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const runPlace = { id: 'run', route: 'mine' } as const satisfies Linked;
