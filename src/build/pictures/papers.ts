import { loadStudy } from '../../atlas/catalogue.ts';
import { judgeClaim } from '../../atlas/judge-claim.ts';
import { shipped } from '../../atlas/shipped.ts';
import { levelsOf } from '../../shell/study/charts/values.ts';
import { tableOf } from '../../shell/study/judged.ts';
import { themeColour } from './colours.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

/** Claims whose shipped values are drawn: each of one number a seed, with one bound for both engines. */
const drawn: readonly (readonly [study: string, claim: string])[] = [
  ['09-no-over-never', 'no-over-never'],
  ['34-remedies', 'normalised-helps'],
  ['often-whatever-vectors', 'no-over-never-far'],
  ['37-kl-race', 'dominant-bin'],
  ['often-margin-widens', 'margin-falls'],
];

/** Shipped values of claims as dots: in the shaded part of each row lies what the claim asks for. */
export const drawPapers: Draw = async () => {
  const drawing = emptyDrawing();
  const [left, gap, radius] = [60, 26, 7];
  const width = size.width - 2 * left;
  const height = (size.height - 2 * 45 + gap) / drawn.length - gap;
  let holding = 0;
  for (const [row, [id, asked]] of drawn.entries()) {
    const claim = (await loadStudy(id)).claims.find((each) => each.id === asked);
    const result = shipped[id]?.engines.cpu;
    if (!claim || !result) throw new Error(`The study ${id} has no claim ${asked}, or no shipped result.`);
    const { values, verdict } = judgeClaim(claim, tableOf(result));
    if (verdict === 'holds') holding++;
    const isLeast = 'atLeast' in claim.bound;
    const limit = 'atLeast' in claim.bound ? claim.bound.atLeast : claim.bound.atMost;
    if (typeof limit !== 'number') throw new Error(`The claim ${asked} has a bound for each engine.`);
    const top = 45 + row * (height + gap);
    const ends = [Math.min(...values, limit), Math.max(...values, limit)] as const;
    const room = 0.12 * (ends[1] - ends[0]) || 1;
    const at = (value: number): number => left + (width * (value - ends[0] + room)) / (ends[1] - ends[0] + 2 * room);
    const line = at(limit);
    drawing.rectangle(left, top, width, height, { colour: themeColour('surface-sunken') });
    const [from, to] = isLeast ? [line, left + width] : [left, line];
    drawing.rectangle(from, top, to - from, height, { colour: themeColour('good'), alpha: 0.16 });
    drawing.line(
      [
        [line, top - 6],
        [line, top + height + 6],
      ],
      5,
      themeColour('ink'),
    );
    const levels = levelsOf(values.map(at), 1.5 * radius);
    for (const [index, value] of values.entries()) {
      const place = [at(value), top + height / 2 + (levels[index] ?? 0) * 1.9 * radius] as const;
      const isReached = isLeast ? value >= limit : value <= limit;
      drawing.disc(place, radius, { colour: themeColour(isReached ? 'chosen-area' : 'rejected-area') });
      if (!isReached) drawing.disc(place, radius / 2, { colour: themeColour('surface-raised') }); // a ring, not by its colour alone
    }
  }
  const alt = `Measured values of ${drawn.length} claims about preference learning, a row each, with what each claim asks for shaded: ${holding} of them hold in their toys.`;
  return { drawing, alt };
};
