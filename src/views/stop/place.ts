import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const stopPlace = { id: 'stop', route: 'stop' } as const satisfies Linked;
