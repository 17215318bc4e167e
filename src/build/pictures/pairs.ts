import { bigramExperiment, tokenisePairs } from '../../data/bigram-experiment.ts';
import { parsePreferencePairs } from '../../data/pairs/parse-preference-pairs.ts';
import { samplePairsJsonl } from '../../data/sample-pairs.ts';
import { summariseStep } from '../../data/summary.ts';
import { defaultPairs } from '../../views/pairs/pairs-settings.ts';
import { themeColour } from './colours.ts';
import { stripes } from './drawing.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

/** What training did to the chosen response of each sample pair, the largest gain first; what fell is hatched. */
export const drawPairs: Draw = async (engine) => {
  const { pairs } = await parsePreferencePairs(samplePairsJsonl);
  const data = tokenisePairs(pairs, defaultPairs);
  const { steps } = await engine.train({ ...bigramExperiment(data, defaultPairs), record: [0, defaultPairs.steps] });
  const [first, last] = steps;
  if (!first || !last) throw new Error('The run has no states.');
  const { chosenChanges, fallen } = summariseStep(first, last);
  const changes = [...chosenChanges].sort((a, b) => b - a);
  const [high, low] = [Math.max(0, ...changes), Math.min(0, ...changes)];
  const y = (change: number): number => 50 + ((size.height - 100) * (high - change)) / (high - low);
  const step = (size.width - 120) / changes.length;
  const drawing = emptyDrawing();
  for (const [index, change] of changes.entries()) {
    const [top, bottom] = change > 0 ? [y(change), y(0)] : [y(0), y(change)];
    const box = [60 + index * step, top, 0.8 * step, bottom - top] as const;
    drawing.rectangle(...box, { colour: themeColour('chosen-area') });
    if (change < 0) drawing.rectangle(...box, { colour: themeColour('surface-raised'), alpha: 0.6, where: stripes(17, 6) });
  }
  drawing.line(
    [
      [50, y(0)],
      [size.width - 50, y(0)],
    ],
    4,
    themeColour('ink'),
  );
  const alt = `The log-probability of the chosen response of ${changes.length} sample pairs after ${last.step} updates, a bar each: it has fallen in ${fallen} of them.`;
  return { drawing, alt };
};
