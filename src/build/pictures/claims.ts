import { loadStudy } from '../../atlas/catalogue.ts';
import { judgeClaim, limitOn } from '../../atlas/judge-claim.ts';
import { shipped } from '../../atlas/shipped.ts';
import { levelsOf } from '../../shell/study/charts/values.ts';
import { tableOf } from '../../shell/study/judged.ts';
import { themeColour } from './colours.ts';
import { emptyDrawing, type Picture, size } from './picture.ts';

/** A claim of a study: of one number a seed. */
export type Drawn = readonly [study: string, claim: string];

/** Shipped values of claims as dots: in the shaded part of each row lies what the claim asks for. */
export async function drawClaims(drawn: readonly Drawn[]): Promise<Picture & { readonly holding: number }> {
  const drawing = emptyDrawing();
  const [left, gap, radius] = [60, 26, 7];
  const width = size.width - 2 * left;
  const height = Math.min(300, (size.height - 2 * 45 + gap) / drawn.length - gap);
  const above = (size.height + gap - drawn.length * (height + gap)) / 2;
  let holding = 0;
  for (const [row, [id, asked]] of drawn.entries()) {
    const claim = (await loadStudy(id)).claims.find((each) => each.id === asked);
    const result = shipped[id]?.engines.cpu;
    if (!claim || !result) throw new Error(`The study ${id} has no claim ${asked}, or no shipped result.`);
    const { values, verdict } = judgeClaim(claim, tableOf(result));
    if (verdict === 'holds') holding++;
    const isLeast = 'atLeast' in claim.bound;
    const limit = limitOn(claim.bound, 'cpu');
    const top = above + row * (height + gap);
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
  const alt = `Measured values of ${drawn.length === 1 ? 'a claim' : `${drawn.length} claims`} about preference learning, a row each, with what each claim asks for shaded: ${holding} of ${drawn.length} ${holding === 1 ? 'holds' : 'hold'} in the toy.`;
  return { drawing, alt, holding };
}
