import type { ToyVectors } from '../../../atlas/toys/displacement/no-over-never.ts';
import { dot, norm } from '../../../core/vectors.ts';
import type { Cast } from '../story.ts';
import { dragRejected, type Place, type Push, placeOf, planeOf } from './plane.ts';

/** Directions that are tried, how many of them with whole runs, and how far from one place to the next, in the plane's units. */
const directions = 24;
const trained = 3;
const stride = 0.25;
/** Places outside are out of sight. */
const sight = { left: -1.7, right: 2.3, top: 1.55 } as const;

/** How far an answer is beyond the dashed line: the rate at which it gains, to first order, over the length of the push. */
export function beyondLine({ unembedding }: ToyVectors, answer: number, { along, average }: Push): number {
  const away = (unembedding[answer] ?? []).map((value, k) => value - (average[k] ?? 0));
  return dot(away, along) / norm(along);
}

/**
 * Where the rejected answer can go to keep the chosen one up: the nearest place at which the whole run keeps it, of those in sight at which it
 * is furthest beyond the dashed line; and one further on the way where that does, too, as a hand is not exact. Null where there is none.
 */
export async function placeThatKeeps(
  vectors: ToyVectors,
  cast: Cast,
  third: number,
  beyond: (vectors: ToyVectors) => number,
  keeps: (vectors: ToyVectors) => Promise<boolean>,
): Promise<Place | null> {
  const placeIn = (moved: ToyVectors): Place => placeOf(planeOf(moved, cast, third), moved.unembedding[cast.rejected] ?? []);
  const from = placeIn(vectors);
  /** not every place can be reached: one is as near as there is one */
  const towards = (angle: number, far: number) => {
    const moved = dragRejected(vectors, cast, third, [from[0] + far * Math.cos(angle), from[1] + far * Math.sin(angle)]);
    const place = placeIn(moved);
    const isSeen = place[0] >= sight.left && place[0] <= sight.right && place[1] <= sight.top;
    // beside the chosen answer's own dot
    return { angle, moved, place, by: isSeen && Math.hypot(...place) >= 0.5 ? beyond(moved) : Number.NEGATIVE_INFINITY };
  };
  const angles = Array.from({ length: directions }, (_, k) => (2 * Math.PI * k) / directions);
  for (let far = stride; far <= 3; far += stride) {
    const best = angles.map((angle) => towards(angle, far)).sort((a, b) => b.by - a.by);
    for (const { angle, moved, place, by } of best.slice(0, trained)) {
      if (!(by > 0 && (await keeps(moved)))) continue;
      const further = towards(angle, far + stride);
      return further.by > 0 && (await keeps(further.moved)) ? further.place : place;
    }
  }
  return null;
}
