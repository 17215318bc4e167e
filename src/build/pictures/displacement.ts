import { defaultSettings, noOverNever } from '../../atlas/toys/displacement/no-over-never.ts';
import { heirOf } from '../../views/displacement/picture/heir.ts';
import { turnOf } from '../../views/displacement/picture/sentence/turn.ts';
import { themeColour } from './colours.ts';
import { type Draw, emptyDrawing, percentText, size } from './picture.ts';
import { cast, drawBands } from './run-bands.ts';

/** The run that the first view begins with, and a line where another answer overtakes the chosen one. */
export const drawDisplacement: Draw = async (engine) => {
  const { steps } = await engine.train(noOverNever(defaultSettings));
  const [start, end] = [steps[0], steps.at(-1)];
  if (!start || !end) throw new Error('The run has no states.');
  const drawing = emptyDrawing();
  const box = { left: 60, top: 55, width: size.width - 120, height: size.height - 110 };
  drawBands(drawing, steps, box, 3);
  const turn = turnOf(steps, cast);
  if (turn) {
    const x = box.left + (box.width * turn.step) / end.step;
    const ends = [[x, box.top - 20] as const, [x, box.top + box.height + 20] as const];
    drawing.line(ends, 11, themeColour('surface-raised'));
    drawing.line(ends, 5, themeColour('ink'));
  }
  const share = (token: number): string =>
    `from ${percentText(start.probs?.[token] ?? Number.NaN)} to ${percentText(end.probs?.[token] ?? Number.NaN)}`;
  const heir = heirOf(start, end, cast) ?? cast.rejected;
  const alt = `The probabilities of six answers over ${end.step} updates: the chosen answer, ${cast.tokens[cast.chosen]}, goes ${share(cast.chosen)}, and ${cast.tokens[heir]} ${share(heir)}.`;
  return { drawing, alt };
};
