import { beforeAll, describe, expect, it } from 'vitest';
import { loadStudy } from '../../src/atlas/catalogue.ts';
import { fillTable } from '../../src/atlas/run-study.ts';
import { defaultSettings, noOverNever, toyPolicy, toyVectors, trainPresets } from '../../src/atlas/toys/displacement/no-over-never.ts';
import { at, dot, minus, normSq, times, toyRandom, vectorOf } from '../../src/atlas/toys/vectors.ts';
import { mean } from '../../src/core/numerics.ts';
import { softmax } from '../../src/core/softmax.ts';
import { type Engine, type Experiment, type FeaturesPolicy, openEngine } from '../../src/index.ts';

// The numbers are from an independent float64 implementation of the same runs, to the digits given.
let engine: Engine;
beforeAll(async () => {
  engine = await openEngine({ backend: 'cpu' });
  return () => engine.dispose();
});

describe('two pairs of free logits', () => {
  it.each([
    [[0, 0, 0], -0.176, 3],
    [[0.9, 0.05, 0.05].map(Math.log), -1.08, 2],
  ] as const)('from %j lower the mean of the preferred answers', async (logits, fall, digits) => {
    const { steps } = await engine.train({
      policy: { kind: 'tabular', logits: [[...logits]] },
      pairs: [
        { prompt: 0, chosen: 0, rejected: 1 },
        { prompt: 0, chosen: 1, rejected: 2 },
      ],
      objective: { name: 'dpo', params: { beta: 0.1 } },
      optimizer: { kind: 'sgd', learningRate: 1, steps: 100 },
      record: [0, 100],
    });
    const meanOf = (index: number): number => (at(at(steps, index).chosenLogps, 0) + at(at(steps, index).chosenLogps, 1)) / 2;
    expect(meanOf(1) - meanOf(0)).toBeCloseTo(fall, digits);
    expect(at(steps, 0).loss).toBeCloseTo(Math.LN2, 6);
    expect(at(steps, 1).loss).toBeCloseTo(0.582, 3);
  });
});

describe('what displaces in “No over Never”', () => {
  const rate = async (unembedding: number[][]): Promise<number> => {
    const policy = { ...toyPolicy(1, 'hidden'), unembedding };
    const [pair] = await engine.diagnose({ ...noOverNever(defaultSettings), policy });
    return (pair?.chosenGradNormSq ?? Number.NaN) - (pair?.innerProduct ?? Number.NaN);
  };
  const rows = toyVectors.unembedding.map((row) => [...row]);
  const [no, never] = [at(rows, 0), at(rows, 1)];

  it('is the length of “Never”: as long as “No”, at the same angle, it no longer does', async () => {
    expect(dot(no, never) / Math.sqrt(normSq(no) * normSq(never))).toBeCloseTo(0.866, 3);
    expect(dot(no, never)).toBeGreaterThan(normSq(no)); // 3 > 2
    expect(await rate(rows)).toBeCloseTo(-0.228, 3);
    const shorter = times(Math.sqrt(normSq(no) / normSq(never)), never);
    expect(await rate([no, shorter, ...rows.slice(2)])).toBeCloseTo(0.021, 3);
  });

  it('needs vectors near the toy’s', () => {
    // with the hidden vector trained the update is along W₊ - W₋ alone: Δh = η β σ(-β Δmargin) (W₊ - W₋)
    const ends = (by: number, seed: number): { readonly fall: number; readonly gain: number } => {
      const random = toyRandom(seed);
      const moved = (row: readonly number[]): number[] => row.map((x, i) => x + at(noise(row.length), i));
      const noise = (size: number): number[] => vectorOf(random, size, by);
      const start = moved(toyVectors.hidden);
      const W = rows.map(moved);
      const along = minus(at(W, 0), at(W, 1));
      let gone = 0;
      for (let step = 0; step < 100; step++) gone += 0.1 / (1 + Math.exp(0.1 * gone * normSq(along)));
      const probs = (distance: number): number[] => softmax(W.map((row) => dot(row, start) + distance * dot(row, along)));
      const [before, after] = [probs(0), probs(gone)];
      return { fall: at(before, 0) - at(after, 0), gain: at(after, 2) - at(before, 2) };
    };
    const draws = 2000;
    for (const [by, taken, fallen] of [
      [0.1, 0.986, 1],
      [0.2, 0.76, 0.998],
      [0.3, 0.51, 0.97],
      [0.5, 0.26, 0.83],
    ] as const) {
      const found = Array.from({ length: draws }, (_, seed) => ends(by, seed + 1));
      const share = (is: (end: (typeof found)[number]) => boolean): number => found.filter(is).length / draws;
      // shares of 4000 other draws; three standard errors of 2000 are 0.034
      expect(Math.abs(share(({ fall, gain }) => fall > 0 && gain >= 0.5) - taken), String(by)).toBeLessThan(0.035);
      expect(Math.abs(share(({ fall }) => fall > 0) - fallen), String(by)).toBeLessThan(0.035);
    }
  });
});

it('what both vectors displace comes back, or not, by the scale', async () => {
  const run = async (scale: number, steps: number) => {
    const experiment: Experiment = noOverNever({
      ...defaultSettings,
      train: 'both',
      learningRate: trainPresets.both.learningRate,
      scale,
      steps,
    });
    return (await engine.train(experiment)).steps.map(({ probs }) => at(probs ?? [], 0));
  };
  const passesAt = (no: readonly number[]): number => no.findIndex((p, step) => step > 5 && p > at(no, 0));
  const three = await run(3, 2000);
  const lowest = three.indexOf(Math.min(...three));
  expect([lowest, passesAt(three)]).toEqual([187, 1681]);
  for (const [step, p, digits] of [
    [187, 0.0405, 4],
    [200, 0.041, 3],
    [500, 0.125, 3],
    [1000, 0.43, 2],
    [2000, 0.83, 2],
  ] as const)
    expect(at(three, step)).toBeCloseTo(p, digits);
  expect(passesAt(await run(2.3, 300))).toBe(140);
  expect(passesAt(await run(2.5, 300))).toBe(255);
  expect(passesAt(await run(4, 2000))).toBe(-1);
});

it('how often random vectors displace', async () => {
  const { moved: _, ...arms } = (await loadStudy('often-whatever-vectors')).arms;
  const table = await fillTable({ ...(await loadStudy('often-whatever-vectors')), arms }, engine, { seeds: 20 });
  for (const [arm, share, margin] of [
    ['hidden3', 0.125, 0.04], // four standard errors of 20 seeds whose shares are 0.045 apart
    ['both3', 0.016, 0.02],
    ['hidden8', 0.043, 0.03],
    ['both8', 0.001, 0.003],
  ] as const)
    expect(Math.abs(mean(table[arm]?.['falls'] ?? []) - share), arm).toBeLessThan(margin);
});

it('how often a rejected vector along the preferred one displaces it, by its length', async () => {
  const study = await loadStudy('09-longer-vectors');
  const draws = 60;
  const worlds = Array.from({ length: draws }, (_, seed) => study.toy(seed + 1, {}));
  for (const [s, share] of [
    [0.5, 0],
    [0.8, 0],
    [1, 0],
    [1.2, 0.14],
    [1.5, 0.99],
    [2.2, 1],
  ] as const) {
    const trials = await engine.trials(
      worlds.map(({ experiment, truth }): Experiment => {
        const as1 = at((truth as { lengths: readonly FeaturesPolicy[] }).lengths, 2); // the rejected vector 1 u: the others differ in it alone
        const unembedding = as1.unembedding.map((row, token) => (token === 1 ? [at(row, 0) + s - 1, ...row.slice(1)] : row));
        return { ...experiment, policy: { ...as1, unembedding } };
      }),
      { measures: ['chosenLogpChange'] },
    );
    const fallen = trials.filter(({ measures }) => (measures['chosenLogpChange'] ?? Number.NaN) < 0).length / draws;
    // three standard errors of a share of 60
    expect(Math.abs(fallen - share), `s = ${s}`).toBeLessThan(3 * Math.sqrt((share * (1 - share)) / draws) + 1e-9);
  }
});
