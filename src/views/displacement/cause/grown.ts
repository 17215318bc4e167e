import type { Place, Stance } from './plane.ts';

/** Room around an answer in the part of the plane that is kept, in the plane's units. */
const room = 0.15;
/** More often than this the picture does not shrink for the sake of the answer that was let go. */
const mostGrown = 2;

/**
 * The part of the plane, as much larger about one of the places as it takes to show them all: what stands there stays where it is on the
 * screen. Null where that is too much.
 */
export function grownAbout([left, right, bottom, top]: Stance['frame'], places: readonly Place[], own: number): Stance['frame'] | null {
  const [x, y] = places[own] ?? [Number.NaN, Number.NaN];
  const others = places.filter((_, answer) => answer !== own);
  const times = Math.max(
    1,
    ...others.flatMap(([px, py]) => [
      (x - px + room) / (x - left),
      (px + room - x) / (right - x),
      (y - py + room) / (y - bottom),
      (py + room - y) / (top - y),
    ]),
  );
  if (!(left < x && x < right && bottom < y && y < top && times <= mostGrown)) return null;
  return [x + (left - x) * times, x + (right - x) * times, y + (bottom - y) * times, y + (top - y) * times];
}
