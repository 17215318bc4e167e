import type { Tick } from './axis.ts';

/** The outline of bars without gaps: an SVG path through the tops, from `left` on, `step` pixels a bar. */
export function stepPath(tops: readonly number[], left: number, step: number): string {
  return tops.map((top, k) => `${k === 0 ? 'M' : 'L'}${(left + k * step).toFixed(1)},${top.toFixed(1)}h${step.toFixed(2)}`).join('');
}

/** The same, closed along a baseline. */
export const stepArea = (tops: readonly number[], left: number, step: number, base: number): string =>
  tops.length === 0 ? '' : `${stepPath(tops, left, step)}V${base.toFixed(1)}H${left.toFixed(1)}Z`;

/** Ticks below the middles of ten of the bars. */
export const binTicks = (bars: number, left: number, step: number): Tick[] =>
  Array.from({ length: 10 }, (_, i) => (i * bars) / 10).map((bin) => ({ at: left + (bin + 0.5) * step, text: bin }));
