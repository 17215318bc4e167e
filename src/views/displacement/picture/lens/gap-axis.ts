import { lineScale } from '../../../../charts/line-scale.ts';
import type { RecordedStep } from '../../../../core/experiment.ts';
import { type LogTick, logAxis } from './log-axis.ts';

/** The axis of log-probabilities (nats) of the whole run, so that it stands still while the run plays. */
export function gapAxis(
  states: readonly RecordedStep[],
  [top, bottom]: readonly [number, number],
): { readonly ticks: readonly LogTick[]; readonly y: (logp: number) => number } {
  const least = Math.min(...states.flatMap(({ outcomeLogps = [] }) => outcomeLogps).filter(Number.isFinite), -1);
  const { powers, ticks } = logAxis(least, bottom - top);
  const downwards = lineScale([0, -powers * Math.LN10], [top, bottom]);
  return { ticks, y: (logp) => downwards(Math.min(0, logp)) };
}
