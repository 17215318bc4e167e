import { noOverNever } from '../../atlas/toys/displacement/no-over-never.ts';
import { contenders } from '../../views/stop/contenders.ts';
import { defaultStop, runSettings } from '../../views/stop/stop-settings.ts';
import { type Draw, emptyDrawing } from './picture.ts';
import { cast, drawBands } from './run-bands.ts';

/** The runs of all losses that the view compares, four in a row. */
export const drawStop: Draw = async (engine) => {
  const drawing = emptyDrawing();
  let held = 0;
  for (const [index, { objective }] of contenders.entries()) {
    const { steps } = await engine.train(noOverNever(runSettings(defaultStop, objective)));
    const box = { left: 40 + 285 * (index % 4), top: 40 + 285 * Math.floor(index / 4), width: 265, height: 265 };
    drawBands(drawing, steps, box);
    const chosenAt = (step: (typeof steps)[number] | undefined): number => step?.probs?.[cast.chosen] ?? Number.NaN;
    if (chosenAt(steps.at(-1)) >= chosenAt(steps[0])) held++;
  }
  const words = `The same six answers trained with ${contenders.length} losses: the chosen answer ends no lower than it began with ${held} of them.`;
  return { drawing, alt: words };
};
