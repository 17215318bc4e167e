import {
  clampMix,
  type Mix,
  meshOf,
  type Point as SimplexPoint,
  spreadMixes,
  toPoint,
  height as triangleHeight,
} from '../../core/simplex-geometry.ts';
import { defaultSimplex, fallsOn, flowFrom, leastShare, pathStep, referenceOf } from '../../views/simplex/simplex.ts';
import { themeColour } from './colours.ts';
import { type Point, stripes } from './drawing.ts';
import { type Draw, emptyDrawing, percentText, size } from './picture.ts';

/** Streamlines, the hatched part of the triangle where the chosen answer falls, and the way from the toy's own start. */
export const drawSimplex: Draw = async (engine) => {
  const mesh = meshOf(48);
  const falls = fallsOn(mesh, await engine.flow(flowFrom(defaultSimplex, 'shared', mesh.mixes, { size: 1, steps: 0 })));
  const spread = spreadMixes(420);
  const field = await engine.flow(flowFrom(defaultSimplex, 'shared', spread, { size: 0.008, steps: 8 }));
  const own = await engine.flow(flowFrom(defaultSimplex, 'shared', [clampMix(referenceOf(defaultSimplex), leastShare / 2)], pathStep));
  const side = (size.height - 70) / triangleHeight;
  const place = ([x, y]: SimplexPoint): Point => [size.width / 2 + (x - 0.5) * side, 35 + y * side];
  const at = ({ corners, starts }: typeof field, line: number, step: number): Point => {
    const [first = 0, second = 0, third = 0] = corners.map((corner) => corner[step * starts + line]);
    const mix: Mix = [first, second, third];
    return place(toPoint(mix));
  };
  const wayOf = (lines: typeof field, line: number): Point[] => Array.from({ length: lines.steps + 1 }, (_, step) => at(lines, line, step));
  const drawing = emptyDrawing();
  const region = falls.polygons.map((polygon) => polygon.map(place));
  for (const polygon of region) {
    drawing.area([polygon], { colour: themeColour('gainer'), alpha: 0.12 });
    drawing.area([polygon], { colour: themeColour('gainer'), alpha: 0.22, where: stripes(22, 6) });
  }
  const [falling, rising] = [themeColour('gainer-area'), themeColour('chosen-area')];
  for (let line = 0; line < field.starts; line++)
    for (let step = 0; step < field.steps; step++)
      drawing.line(
        [at(field, line, step), at(field, line, step + 1)],
        2,
        (field.chosenRate[step * field.starts + line] ?? 0) < 0 ? falling : rising,
      );
  for (const [a, b] of falls.boundary) drawing.line([place(a), place(b)], 4, themeColour('gainer'));
  const way = wayOf(own, 0);
  drawing.line(way, 13, themeColour('surface-raised'));
  const corners = (
    [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ] as const
  ).map((mix) => place(toPoint(mix)));
  drawing.line([...corners, ...corners.slice(0, 1)], 4, themeColour('control-line'));
  drawing.line(way, 7, themeColour('ink'));
  for (const start of way.slice(0, 1)) drawing.disc(start, 13, { colour: themeColour('ink') });
  return {
    drawing,
    alt: `All mixtures of three answers as a triangle: in the hatched ${percentText(falls.share)} of it the chosen answer falls.`,
  };
};
