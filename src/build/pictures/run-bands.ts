import { chosenToken, rejectedToken, tokens } from '../../atlas/toys/displacement/no-over-never.ts';
import { edgesOf, stackOrder } from '../../charts/stack.ts';
import type { RecordedStep } from '../../core/experiment.ts';
import { heirOf } from '../../views/displacement/picture/heir.ts';
import { themeColour } from './colours.ts';
import { type Drawing, type Fill, type Point, stripes } from './drawing.ts';

export const cast = { tokens, chosen: chosenToken, rejected: rejectedToken };

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A run as bands of probability over its updates, as the first view shows it. */
export function drawBands(drawing: Drawing, steps: readonly RecordedStep[], { left, top, width, height }: Box, gap = 2): void {
  const [start] = steps;
  const end = steps.at(-1);
  if (!start || !end) throw new Error('The run has no states.');
  const heir = heirOf(start, end, cast);
  const order = stackOrder(cast.tokens.length, cast, heir);
  // an edge needs no more than a point every few pixels
  const stride = Math.max(1, Math.round((4 * steps.length) / width));
  const drawn = steps.filter((_, index) => index % stride === 0 || index === steps.length - 1);
  const columns = drawn.map(({ step, probs = [] }) => ({ x: left + (width * step) / end.step, edges: edgesOf(probs, order) }));
  const white = themeColour('surface-raised');
  for (const [band, token] of order.entries()) {
    const edge = (side: number): Point[] => columns.map(({ x, edges }) => [x, top + height * (edges[band + side] ?? 0)]);
    const area = [[...edge(0), ...edge(1).toReversed()]];
    const isHeir = token === heir && (end.probs?.[token] ?? 0) > (start.probs?.[token] ?? 0);
    const name = token === cast.chosen ? 'chosen-area' : token === cast.rejected ? 'rejected-area' : isHeir ? 'gainer-area' : 'other-band';
    drawing.area(area, { colour: themeColour(name) });
    const hatch: Fill = { colour: white, alpha: 0.4, where: stripes(17, 4.5) };
    if (isHeir) drawing.area(area, hatch);
    if (band > 0) drawing.line(edge(0), gap, white);
  }
}
