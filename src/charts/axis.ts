import type { ScaleLinear } from 'd3';

/** A tick: where it stands in the drawing, in pixels, and what it reads. */
export interface Tick {
  readonly at: number;
  readonly text: string | number;
}

/** About `count` ticks of a scale. */
export const scaleTicks = (scale: ScaleLinear<number, number>, count: number, format = scale.tickFormat(count)): Tick[] =>
  scale.ticks(count).map((value) => ({ at: scale(value), text: format(value) }));
