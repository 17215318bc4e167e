import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const entanglementPlace = { id: 'entanglement', route: 'why/tug' } as const satisfies Linked;
