import { settings } from '../../atlas/behaviour/behaviour.ts';
import { behaviourOf } from '../../atlas/behaviour/measured.ts';
import { defaultSettings, noOverNever } from '../../atlas/toys/displacement/no-over-never.ts';
import { objectives } from '../../objectives/catalogue.ts';
import { finitePart } from '../../train/finite-step.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';
import { drawBands } from './run-bands.ts';

/** What a last row of so many columns leaves empty. */
const emptyCells = (columns: number): number => (columns - (objectives.length % columns)) % columns;

/** A small run for every loss of pairs, with the step size that the catalogue says it was measured with. */
export const drawObjectives: Draw = async (engine) => {
  const drawing = emptyDrawing();
  const [margin, gap] = [30, 8];
  const columns = [11, 12, 13, 14].reduce((best, count) => (emptyCells(count) < emptyCells(best) ? count : best));
  const rows = Math.ceil(objectives.length / columns);
  const width = (size.width - 2 * margin + gap) / columns - gap;
  const height = (size.height - 2 * margin + gap) / rows - gap;
  for (const [index, { id }] of objectives.entries()) {
    const learningRate = behaviourOf('pair', id)?.learningRate ?? defaultSettings.learningRate;
    const experiment = noOverNever({ ...defaultSettings, objective: { name: id }, learningRate, steps: settings.updates });
    const steps = finitePart((await engine.train(experiment)).steps);
    const box = {
      left: margin + (width + gap) * (index % columns),
      top: margin + (height + gap) * Math.floor(index / columns),
      width,
      height,
    };
    if (steps.length > 1) drawBands(drawing, steps, box, 1);
  }
  return {
    drawing,
    alt: `One small picture for each of ${objectives.length} losses: what ${settings.updates} updates with it make of the same six answers.`,
  };
};
