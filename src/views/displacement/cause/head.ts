import type { Place } from './plane.ts';

/** How the head of an arrow is turned and moved to its end. */
export const headOf = ([[x0, y0], [x1, y1]]: readonly [Place, Place]): string =>
  `translate(${x1} ${y1}) rotate(${(Math.atan2(y1 - y0, x1 - x0) * 180) / Math.PI})`;
