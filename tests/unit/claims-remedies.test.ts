import { expect, it } from 'vitest';
import { at } from '../../src/atlas/claim-tools.ts';
import { claims } from '../../src/atlas/claims.ts';
import { chosenAtMargin, remedies } from '../../src/atlas/studies/remedies.ts';
import { mean } from '../../src/core/numerics.ts';
import { openEngine } from '../../src/index.ts';

/** Four standard errors of the difference of two shares, of `draws` and of `others`; with none of either, two draws. */
const margin = (share: number, draws: number, others: number): number =>
  Math.max(4 * Math.sqrt(share * (1 - share) * (1 / draws + 1 / others)), 2 / draws);

// Shares of 200 draws of an independent float64 implementation in which the preferred answer ends above DPO's.
it.each([
  [1.4, 0.99, 1],
  [1, 0.1, 0.57],
  [0.7, 0, 0],
])('remedies with rejected vectors %f times as long', async (ratio, normalised, sparse) => {
  const engine = await openEngine({ backend: 'cpu' });
  const draws = 40;
  const above = { normalised: 0, sparse: 0 };
  for (let seed = 1; seed <= draws; seed++) {
    const arms = await remedies(engine, seed, ratio);
    for (const kind of ['normalised', 'sparse'] as const)
      if ((arms[kind].chosen.at(-1) ?? Number.NaN) > (arms.dpo.chosen.at(-1) ?? Number.NaN)) above[kind]++;
  }
  engine.dispose();
  expect(Math.abs(above.normalised / draws - normalised)).toBeLessThanOrEqual(margin(normalised, draws, 200));
  expect(Math.abs(above.sparse / draws - sparse)).toBeLessThanOrEqual(margin(sparse, draws, 200));
});

// 400 draws of an independent float64 implementation at the margin that normalised gradients gain in 30 steps
it('normalised gradients at equal margin', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const { facts } = (await claims.find(({ id }) => id === 'normalised-equal-margin')?.measure(engine, { seeds: 60 })) ?? { facts: [] };
  engine.dispose();
  for (const [i, share] of [1, 0.5725, 0].entries())
    expect(Math.abs(at(facts, i).value - share), at(facts, i).label).toBeLessThanOrEqual(margin(share, 60, 400));
});

it('with equal lengths normalised gradients win by more, and more often, where DPO ends', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const draws = 60;
  const gaps: { early: number; late: number }[] = [];
  for (let seed = 1; seed <= draws; seed++) {
    const { dpo, normalised } = await remedies(engine, seed, 1, 400);
    const gapAt = (gained: number): number => chosenAtMargin(normalised, gained) - chosenAtMargin(dpo, gained);
    gaps.push({ early: gapAt(at(normalised.margin, 30)), late: gapAt(at(dpo.margin, 30)) });
  }
  engine.dispose();
  // mean, deviation and share above 0 of the 400 draws; a mean is allowed four standard errors
  for (const [when, centre, deviation, share] of [
    ['early', 0.0193, 0.1198, 0.5725],
    ['late', 0.6303, 0.9297, 0.775],
  ] as const) {
    const found = gaps.map((gap) => gap[when]);
    expect(Math.abs(mean(found) - centre), when).toBeLessThan(4 * deviation * Math.sqrt(1 / draws + 1 / 400));
    expect(Math.abs(found.filter((gap) => gap > 0).length / draws - share), when).toBeLessThanOrEqual(margin(share, draws, 400));
  }
});
