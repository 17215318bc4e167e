import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const simplexPlace = { id: 'simplex', route: 'why/triangle' } as const satisfies Linked;
