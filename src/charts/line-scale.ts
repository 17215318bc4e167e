/** Where values stand along a straight axis, in pixels. */
export interface LineScale {
  (value: number): number;
  /** the value that stands there */
  invert(at: number): number;
  /** where the two ends of the domain stand */
  readonly ends: readonly [number, number];
}

/** Pixels that no screen reaches: beyond, the numbers of a run that explodes leave what a drawing's coordinates can hold (float32). */
const farAway = 1e6;

/**
 * A scale from a domain that is not empty to pixels. The first view draws with it, not with d3's `scaleLinear`: that one brings d3's colours
 * and number formats, 9 kB compressed, before the first paint.
 */
export function lineScale([first, last]: readonly [number, number], ends: readonly [number, number]): LineScale {
  const perUnit = (ends[1] - ends[0]) / (last - first);
  return Object.assign((value: number) => Math.max(-farAway, Math.min(farAway, ends[0] + (value - first) * perUnit)), {
    invert: (at: number) => first + (at - ends[0]) / perUnit,
    ends,
  });
}
