import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Changes, changesOf, chosenAtMargin, type Remedy, remedy, updates } from '../../src/atlas/toys/entanglement/shared-words.ts';
import { at } from '../../src/atlas/toys/vectors.ts';
import { mean } from '../../src/core/numerics.ts';
import { type Engine, openEngine } from '../../src/index.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ backend: 'cpu' });
});
afterAll(() => engine.dispose());

/** What one remedy does in each draw, over so many steps. */
async function changes(kind: Remedy, ratio: number, draws: number, steps = updates): Promise<Changes[]> {
  const found: Changes[] = [];
  for (let seed = 1; seed <= draws; seed++) {
    const experiment = remedy(seed, ratio, kind);
    const record = Array.from({ length: steps + 1 }, (_, step) => step);
    found.push(changesOf((await engine.train({ ...experiment, optimizer: { ...experiment.optimizer, steps }, record })).steps));
  }
  return found;
}

/** Four standard errors of the difference of two shares, of `draws` and of `others`; with none of either, two draws. */
const margin = (share: number, draws: number, others: number): number =>
  Math.max(4 * Math.sqrt(share * (1 - share) * (1 / draws + 1 / others)), 2 / draws);
const shareAbove0 = (values: readonly number[]): number => values.filter((value) => value > 0).length / values.length;

// Shares of 200 draws of an independent float64 implementation in which the preferred answer ends above DPO's.
it.each([
  [1.4, 0.99, 1],
  [1, 0.1, 0.57],
  [0.7, 0, 0],
])('remedies with rejected vectors %f times as long', async (ratio, normalised, sparse) => {
  const draws = 40;
  const plain = await changes('dpo', ratio, draws);
  for (const [kind, share] of [
    ['normalised', normalised],
    ['sparse', sparse],
  ] as const) {
    const found = await changes(kind, ratio, draws);
    const above = found.map(({ chosen }, i) => at(chosen, updates) - at(at(plain, i).chosen, updates));
    expect(Math.abs(shareAbove0(above) - share), kind).toBeLessThanOrEqual(margin(share, draws, 200));
  }
});

// 400 draws of the same at the margin that the slower of the two gains in 30 steps
it.each([
  [1.4, 1],
  [1, 0.5725],
  [0.7, 0],
])('normalised gradients at equal margin with rejected vectors %f times as long', async (ratio, share) => {
  const draws = 60;
  const [plain, normalised] = [await changes('dpo', ratio, draws), await changes('normalised', ratio, draws)];
  const gaps = plain.map((a, i) => {
    const b = at(normalised, i);
    const gained = Math.min(at(a.margin, updates), at(b.margin, updates));
    return chosenAtMargin(b, gained) - chosenAtMargin(a, gained);
  });
  expect(Math.abs(shareAbove0(gaps) - share)).toBeLessThanOrEqual(margin(share, draws, 400));
});

it('with equal lengths normalised gradients win by more, and more often, where DPO ends', async () => {
  const draws = 60;
  const [plain, normalised] = [await changes('dpo', 1, draws), await changes('normalised', 1, draws, 400)];
  // mean, deviation and share above 0 of the 400 draws; a mean is allowed four standard errors
  for (const [when, centre, deviation, share] of [
    ['early', 0.0193, 0.1198, 0.5725],
    ['late', 0.6303, 0.9297, 0.775],
  ] as const) {
    const gaps = plain.map((a, i) => {
      const b = at(normalised, i);
      const gained = at(when === 'early' ? b.margin : a.margin, updates);
      return chosenAtMargin(b, gained) - chosenAtMargin(a, gained);
    });
    expect(Math.abs(mean(gaps) - centre), when).toBeLessThan(4 * deviation * Math.sqrt(1 / draws + 1 / 400));
    expect(Math.abs(shareAbove0(gaps) - share), when).toBeLessThanOrEqual(margin(share, draws, 400));
  }
});
