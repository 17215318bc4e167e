import { exampleLog } from '../../views/run/sample-logs.ts';
import { themeColour } from './colours.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

type Row = Readonly<Record<'rewards/chosen' | 'rewards/rejected' | 'beta', number>>;

/** The log that the page offers to show: how chosen and rejected responses of its pairs move, one curve each. */
export const drawRun: Draw = async () => {
  const rows = (await exampleLog())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
  const curves = (['chosen', 'rejected'] as const).map((side) => rows.map((row) => row[`rewards/${side}`] / row.beta));
  const all = curves.flat();
  const [high, low] = [Math.max(0, ...all), Math.min(0, ...all)];
  const y = (value: number): number => 60 + ((size.height - 120) * (high - value)) / (high - low);
  const x = (i: number): number => 60 + ((size.width - 120) * i) / (rows.length - 1);
  const drawing = emptyDrawing();
  const fallen = (curves[0] ?? []).findLastIndex((value) => value >= 0);
  drawing.rectangle(x(fallen), 0, size.width - 60 - x(fallen), size.height, { colour: themeColour('surface-sunken') });
  drawing.line(
    [
      [60, y(0)],
      [size.width - 60, y(0)],
    ],
    3,
    themeColour('ink'),
  );
  const [chosen = [], rejected = []] = curves.map((values) => values.map((value, i): [number, number] => [x(i), y(value)]));
  drawing.line(rejected, 12, themeColour('rejected-area'), [36, 20]);
  drawing.line(chosen, 14, themeColour('chosen-area'));
  const ends = curves.map((values) => Math.round(values.at(-1) ?? 0));
  const alt = `A training log: the chosen responses end ${Math.abs(ends[0] ?? 0)} nats below their reference, the rejected ones ${Math.abs(ends[1] ?? 0)}, while the loss falls.`;
  return { drawing, alt };
};
