import { largestOf } from '../../../core/extremes.ts';
import { type FindReading, isLong, seriesOf, show, showPlace } from './series.ts';

/** A run's share within which a warm-up that reaches its top is short. */
const SHORT = 0.03;

/** The learning rate is at its top at once, and the loss jumps in the first steps. */
export const warmUpShort: FindReading = (log) => {
  const [rate, loss] = [seriesOf(log, 'learning_rate'), seriesOf(log, 'loss')];
  if (!isLong(rate) || !isLong(loss) || loss.values.length < 8) return null;
  const top = largestOf(rate.values);
  const [begin = 0, end = 0] = [rate.steps[0], rate.steps.at(-1)];
  const at = rate.steps[rate.values.findIndex((value) => value >= 0.95 * top)] ?? begin;
  if (!(top > 0) || at - begin > SHORT * (end - begin)) return null;
  const first = loss.values[0] ?? 0;
  const beginning = loss.values.slice(1, Math.max(3, Math.ceil(loss.values.length / 4)));
  const peak = largestOf(beginning);
  const peakStep = loss.steps[1 + beginning.indexOf(peak)];
  const settled = loss.late;
  const jump = peak - Math.max(first, settled);
  if (jump < Math.max(0.1 * Math.abs(first), 0.05) || jump < 3 * spreadAfter(loss.values)) return null;
  return {
    id: 'warm-up-short',
    text: `The warm-up is short: the learning rate is at its top of ${show(top)} by ${showPlace(log, at)}, and the loss jumps from ${show(first)} to ${show(peak)} at ${showPlace(log, peakStep ?? 0)} before it settles at ${show(settled)}.`,
    ...(peakStep === undefined ? {} : { fromStep: peakStep }),
    causes: ['The first steps are taken at full size while the optimiser knows nothing of the gradient’s scale yet.'],
    remedies: ['Warm up for 5 to 10 % of the run (warmup_steps).', 'Lower the learning rate.'],
  };
};

/** How far neighbours of the second half are apart: what a jump is more than. */
function spreadAfter(values: readonly number[]): number {
  const later = values.slice(values.length >> 1);
  const changes = later.slice(1).map((value, i) => Math.abs(value - (later[i] ?? value)));
  return changes.reduce((sum, change) => sum + change, 0) / Math.max(1, changes.length);
}
