import type { Linked } from '../../shell/links/link.ts';

/** Where links find the view. */
export const displacementPlace = { id: 'displacement', route: 'why' } as const satisfies Linked;
