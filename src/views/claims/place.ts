import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const claimsPlace = { id: 'claims', route: 'claims' } as const satisfies Linked;
