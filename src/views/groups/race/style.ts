import type { LineStyle } from '../../../charts/series.ts';
import { distillationId, methods, typedId } from '../methods.ts';

const colours = ['var(--ink)', 'var(--chosen)', 'var(--rejected)', 'var(--gainer)', 'var(--teal)', 'var(--olive)'] as const;
const dashes = [undefined, '9 4', '2 4', '12 4 2 4', '18 5', '6 3 2 3 2 3', '2 8'] as const;

/** No two methods share both colour and dash; of each method they are the same whoever else takes part. */
export const lineStyles: Readonly<Record<string, Pick<LineStyle, 'colour' | 'dash'>>> = Object.fromEntries(
  // new ones come last, so that the others stay as they were
  [...methods.map(({ id }) => id).filter((id) => id !== distillationId), typedId, distillationId].map((id, i) => [
    id,
    { colour: colours[i % colours.length] ?? '', dash: dashes[Math.floor(i / colours.length) % dashes.length] },
  ]),
);
