import { defaultSuffix, sharedSuffix } from '../../atlas/toys/entanglement/shared-suffix.ts';
import { themeColour } from './colours.ts';
import type { Point } from './drawing.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

/** The log-probabilities of the two answers, and dotted where they began. */
export const drawEntanglement: Draw = async (engine) => {
  const { steps } = await engine.train({
    ...sharedSuffix(defaultSuffix),
    record: Array.from({ length: defaultSuffix.steps + 1 }, (_, step) => step),
  });
  const chosen = steps.map(({ chosenLogps }) => chosenLogps[0] ?? Number.NaN);
  const rejected = steps.map(({ rejectedLogps }) => rejectedLogps[0] ?? Number.NaN);
  const [low, high] = [Math.min(...chosen, ...rejected), Math.max(...chosen, ...rejected)];
  const [left, top, width, height] = [80, 70, size.width - 160, size.height - 140];
  const place = (step: number, value: number): Point => [
    left + (width * step) / (steps.length - 1),
    top + (height * (high - value)) / (high - low),
  ];
  const drawing = emptyDrawing();
  for (const [values, name] of [
    [chosen, 'chosen-area'],
    [rejected, 'rejected-area'],
  ] as const) {
    const [start = 0] = values;
    drawing.area([[...values.map((value, step) => place(step, value)), place(steps.length - 1, start)]], {
      colour: themeColour(name),
      alpha: 0.14,
    });
    drawing.line([place(0, start), place(steps.length - 1, start)], 3, themeColour('ink-muted'), [6, 12]);
  }
  drawing.line(
    rejected.map((value, step) => place(step, value)),
    11,
    themeColour('rejected-area'),
    [34, 18],
  );
  drawing.line(
    chosen.map((value, step) => place(step, value)),
    11,
    themeColour('chosen-area'),
  );
  const change = (values: readonly number[]): string =>
    ((values.at(-1) ?? Number.NaN) - (values[0] ?? Number.NaN)).toFixed(1).replace('-', '−');
  const alt = `Two answers that share ${defaultSuffix.suffix} tokens, over ${defaultSuffix.steps} updates: the log-probability of the chosen one changes by ${change(chosen)}, that of the rejected one by ${change(rejected)} nats.`;
  return { drawing, alt };
};
