import { banditOf, openingModes } from '../../views/modes/modes.ts';
import { themeColour } from './colours.ts';
import { type Point, stripes } from './drawing.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

/** The target as an area, and where descents of the two directions of KL have come. */
export const drawModes: Draw = async (engine) => {
  const { learningRate, steps } = openingModes;
  const { start, target } = banditOf(openingModes);
  const descend = async (direction: 'forward' | 'reverse'): Promise<readonly number[]> => {
    const run = await engine.matchTarget({
      policy: { kind: 'tabular', logits: [[...start]] },
      targetLogps: [[...target]],
      direction,
      optimizer: { kind: 'sgd', learningRate, steps },
      record: [steps],
    });
    return run.steps.at(-1)?.outcomeLogps.map(Math.exp) ?? [];
  };
  const laws = { target: target.map(Math.exp), forward: await descend('forward'), reverse: await descend('reverse') };
  const most = Math.max(...Object.values(laws).flat());
  const base = size.height - 60;
  const place = (bin: number, share: number): Point => [
    60 + ((size.width - 120) * bin) / (target.length - 1),
    base - (base - 60) * (share / most),
  ];
  const curve = (law: readonly number[]): Point[] => law.map((share, bin) => place(bin, share));
  const closed = [[place(0, 0), ...curve(laws.target), place(target.length - 1, 0)]];
  const drawing = emptyDrawing();
  drawing.area(closed, { colour: themeColour('other-band') });
  drawing.area(closed, { colour: themeColour('surface-raised'), alpha: 0.45, where: stripes(18, 5) });
  drawing.line([place(0, 0), place(target.length - 1, 0)], 3, themeColour('control-line'));
  drawing.line(curve(laws.forward), 9, themeColour('chosen-area'));
  drawing.line(curve(laws.reverse), 9, themeColour('gainer-area'), [30, 16]);
  const alt = `A target of two peaks, and what ${steps} updates of forward and of reverse KL make of the same start.`;
  return { drawing, alt };
};
