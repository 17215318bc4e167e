import { axesOf, cellValues, sweepAxis } from '../../views/map/toys/map-axes.ts';
import { defaultThresholds, regimesOf, runsOf } from '../../views/map/toys/map-metrics.ts';
import { defaultBase, mapExperiment, toyOf } from '../../views/map/toys/map-toys.ts';
import { hexColour } from './colours.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

const [columns, rows] = [32, 17];

/** A coarse map of the view's own plane: each cell is a run, in the colour of its regime. */
export const drawMap: Draw = async (engine) => {
  const { x: xId, y: yId } = toyOf(defaultBase.toy);
  const axes = axesOf(defaultBase);
  const [x, y] = [axes.find(({ id }) => id === xId), axes.find(({ id }) => id === yId)];
  if (!x || !y) throw new Error('The map has no such axes.');
  const result = await engine.sweep({
    experiment: mapExperiment(defaultBase),
    x: sweepAxis(x, defaultBase, columns),
    y: sweepAxis(y, defaultBase, rows),
  });
  const runs = runsOf(result);
  const { regimes, of } = regimesOf(defaultBase.toy);
  const drawing = emptyDrawing();
  const [width, height] = [size.width / columns, size.height / rows];
  const counts = regimes.map(() => 0);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const index = row * columns + column;
      const regime = of(runs, index, defaultThresholds);
      const colour = runs.state[index] === 1 ? regimes[regime]?.colour : '#141414';
      if (runs.state[index] === 1) counts[regime] = (counts[regime] ?? 0) + 1;
      drawing.rectangle(column * width, size.height - (row + 1) * height, width - 1.5, height - 1.5, {
        colour: hexColour(colour ?? '#808080'),
      });
    }
  const told = regimes.map(({ label }, regime) => `${label} in ${counts[regime]}`).join(', ');
  const ends = (values: readonly number[]): string => `${values[0]?.toPrecision(2)} to ${values.at(-1)?.toPrecision(2)}`;
  const alt = `A map of ${columns * rows} runs, ${x.label} ${ends(cellValues(x.range, columns))} across and ${y.label} ${ends(cellValues(y.range, rows))} up: ${told}.`;
  return { drawing, alt };
};
