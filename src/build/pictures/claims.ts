import { checkClaim } from '../../atlas/claim.ts';
import { claims } from '../../atlas/claims.ts';
import { themeColour } from './colours.ts';
import { type Draw, emptyDrawing, size } from './picture.ts';

/** Claims that a build has time for. */
const quick = ['no-over-never', 'two-pairs', 'displacement-rate', 'dominant-bin', 'margin-falls'];

/** Measured values of claims as dots: in the shaded part of each row lies what the claim asks for. */
export const drawClaims: Draw = async (engine) => {
  const shown = claims.filter(({ id }) => quick.includes(id));
  const drawing = emptyDrawing();
  const [left, gap] = [60, 26];
  const width = size.width - 2 * left;
  const height = (size.height - 2 * 45 + gap) / shown.length - gap;
  const radius = 7;
  let holding = 0;
  for (const [row, claim] of shown.entries()) {
    const { values, verdict } = await checkClaim(claim, engine, { seeds: claim.seeds });
    if (verdict.kind === 'holds') holding++;
    const { sense } = claim.requirement;
    const top = 45 + row * (height + gap);
    const ends = [Math.min(verdict.lowest, verdict.threshold), Math.max(verdict.highest, verdict.threshold)] as const;
    const room = 0.12 * (ends[1] - ends[0]) || 1;
    const at = (value: number): number => left + (width * (value - ends[0] + room)) / (ends[1] - ends[0] + 2 * room);
    const line = at(verdict.threshold);
    drawing.rectangle(left, top, width, height, { colour: themeColour('surface-sunken') });
    drawing.rectangle(sense === 'at least' ? line : left, top, sense === 'at least' ? left + width - line : line - left, height, {
      colour: themeColour('good'),
      alpha: 0.16,
    });
    drawing.line(
      [
        [line, top - 6],
        [line, top + height + 6],
      ],
      5,
      themeColour('ink'),
    );
    const taken: { x: number; level: number }[] = [];
    for (const value of values) {
      const x = at(value);
      let level = 0;
      while (level < 6 && taken.some((dot) => dot.level === level && Math.abs(dot.x - x) < 1.5 * radius)) level++;
      taken.push({ x, level });
      const y = top + height / 2 + (level % 2 === 1 ? -1 : 1) * Math.ceil(level / 2) * 1.9 * radius;
      const isReached = sense === 'at least' ? value >= verdict.threshold : value <= verdict.threshold;
      drawing.disc([x, y], radius, { colour: themeColour(isReached ? 'chosen-area' : 'rejected-area') });
      if (!isReached) drawing.disc([x, y], radius / 2, { colour: themeColour('surface-raised') }); // a ring, not by its colour alone
    }
  }
  const alt = `Measured values of ${shown.length} of the ${claims.length} claims, a row each, with what each claim asks for shaded: ${holding} of them hold.`;
  return { drawing, alt };
};
