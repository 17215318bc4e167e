import { experimentOf } from '../../views/groups/methods.ts';
import { ks, populationNumbers } from '../../views/groups/population.ts';
import { defaultGroups } from '../../views/groups/settings.ts';
import { worldOf } from '../../views/groups/world.ts';
import { themeColour } from './colours.ts';
import type { Point } from './drawing.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

/** pass@k of GRPO's policy at the start and after its updates: the curve turns about a point. */
export const drawGroups: Draw = async (engine) => {
  const settings = { ...defaultGroups, updates: 160 };
  const [trial] = await engine.trials([experimentOf('grpo', 1, settings)], { record: [0, settings.updates] });
  const [start, end] = trial?.rounds ?? [];
  const first = start?.outcomeLogps ?? [];
  const options = { rewards: worldOf(settings, 1).rewards, start: first, groupSize: settings.groupSize };
  const [before, after] = [populationNumbers(first, options).pass, populationNumbers(end?.outcomeLogps ?? [], options).pass];
  const base = size.height - 60;
  const place = (k: number, share: number): Point => [
    60 + ((size.width - 120) * Math.log2(k)) / Math.log2(512),
    base - (base - 60) * share,
  ];
  const curve = (pass: readonly number[]): Point[] => ks.map((k, i) => place(k, pass[i] ?? 0));
  const drawing = emptyDrawing();
  drawing.area([[place(1, 0), ...curve(after), place(512, 0)]], { colour: themeColour('other-band') });
  drawing.line([place(1, 0), place(512, 0)], 3, themeColour('control-line'));
  drawing.line(curve(before), 9, themeColour('ink-muted'), [10, 16]);
  drawing.line(curve(after), 10, themeColour('chosen-area'));
  const share = (value: number | undefined): string => `${Math.round(100 * (value ?? 0))} %`;
  const alt = `After ${settings.updates} updates of GRPO one try is right for ${share(after[0])}, from ${share(before[0])}, and one of 512 for ${share(after.at(-1))}, from ${share(before.at(-1))}.`;
  return { drawing, alt };
};
