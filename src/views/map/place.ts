import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const mapPlace = { id: 'map', route: 'stop/map' } as const satisfies Linked;
