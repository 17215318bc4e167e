import { afterAll, describe, expect, test } from 'vitest';
import { Draws } from '../../../src/atlas/toys/draws.ts';
import { complaints } from '../../../src/atlas/toys/people/complaints.ts';
import { followUps, likelihoodReward } from '../../../src/atlas/toys/people/follow-ups.ts';
import { hypervolume } from '../../../src/atlas/toys/people/hypervolume.ts';
import { fidelity, leastSquares } from '../../../src/atlas/toys/people/local-fit.ts';
import { maxMinPolicy } from '../../../src/atlas/toys/people/max-min.ts';
import {
  type Annotated,
  assigned,
  bestOf,
  fitClusters,
  likeliest,
  likelihoods,
  type Mixture,
} from '../../../src/atlas/toys/people/mixture.ts';
import { harmfulShare, susceptibleUsers } from '../../../src/atlas/toys/people/nudges.ts';
import { overclaiming } from '../../../src/atlas/toys/people/overclaiming.ts';
import { expectedReward, klDivergence } from '../../../src/core/exact.ts';
import { mean, sigmoid } from '../../../src/core/numerics.ts';
import { openEngine } from '../../../src/index.ts';

const engine = await openEngine({ backend: 'cpu' });
afterAll(() => engine.dispose());

describe('a mixture of annotators', () => {
  const [items, annotators] = [4, 8];
  /** the first half rank items upwards, the others downwards, without a mistake */
  const compared = Array.from({ length: annotators }, (_, annotator) =>
    [
      [0, 1],
      [1, 2],
      [2, 3],
      [0, 3],
    ].map(([low = 0, high = 0]): Annotated => {
      const isUp = annotator < annotators / 2;
      return { annotator, chosen: isUp ? high : low, rejected: isUp ? low : high };
    }),
  ).flat();
  const mixture: Mixture = {
    policy: { kind: 'tabular', logits: [new Array<number>(items).fill(0), new Array<number>(items).fill(0)] },
    clusters: 2,
    items,
    annotators,
    compared,
    restarts: 3,
    eStep: 'hard',
    steps: 40,
    learningRate: 0.1,
  };

  test('an M-step weighs each comparison by how much its annotator belongs to a cluster', () => {
    const { pairs } = fitClusters(
      mixture,
      Array.from({ length: annotators }, (_, h) => (h === 0 ? [0.25, 0.75] : [1, 0])),
    );
    const weightOf = (cluster: number, up: boolean) =>
      pairs.filter(({ prompt, chosen, rejected }) => prompt === cluster && chosen > rejected === up).map(({ weight }) => weight);
    expect(weightOf(0, true)).toEqual(new Array(4).fill(3.25)); // one of four annotators by a quarter
    expect(weightOf(0, false)).toEqual(new Array(4).fill(4));
    expect(weightOf(1, true)).toEqual(new Array(4).fill(0.75));
    expect(weightOf(1, false)).toEqual([]);
  });

  test('likelihoods are sums of log σ of score differences', () => {
    const outcomeLogps = [0.1, 0.4, -0.2, 0.9, 0, 0, 0, 0];
    const rows = likelihoods(mixture, { outcomeLogps });
    const up = [0.3, -0.6, 1.1, 0.8].reduce((sum, gap) => sum + Math.log(sigmoid(gap)), 0);
    expect(rows[0]?.[0]).toBeCloseTo(up, 12);
    expect(rows[7]?.[1]).toBeCloseTo(4 * Math.log(0.5), 12);
  });

  test('a hard E-step takes the likeliest cluster, a soft one the posterior', () => {
    const rows = [
      [Math.log(0.2), Math.log(0.6)],
      [-1, -1],
    ];
    expect(assigned(mixture, rows)[0]).toEqual([0, 1]);
    const soft = assigned({ ...mixture, eStep: 'soft' }, rows);
    expect(soft[0]?.[1]).toBeCloseTo(0.75, 12);
    expect(soft[1]).toEqual([0.5, 0.5]);
  });

  test.each(['hard', 'soft'] as const)('with %s E-steps and restarts it finds two groups of opposite tastes', async (eStep) => {
    const one: Mixture = { ...mixture, eStep };
    const random = new Draws(3);
    let fits = await engine.trials(
      Array.from({ length: one.restarts }, () =>
        fitClusters(
          one,
          Array.from({ length: annotators }, () => (random.coin() ? [0.8, 0.2] : [0.2, 0.8])),
        ),
      ),
    );
    for (let round = 0; round < 5; round++)
      fits = await engine.trials(fits.map((fitted) => fitClusters(one, assigned(one, likelihoods(one, fitted)))));
    const best = fits[bestOf(one, fits)];
    const found = likelihoods(one, best ?? {}).map(likeliest);
    expect(new Set(found.slice(0, 4)).size).toBe(1);
    expect(found.slice(4)).toEqual(new Array(4).fill(1 - (found[0] ?? 0)));
  });
});

test('no policy over three answers has a larger smallest reward, less the KL, than the max-min policy', () => {
  const draws = new Draws(5);
  for (let i = 0; i < 5; i++) {
    const [first, second, beta] = [draws.normals(3), draws.normals(3), 0.3];
    const uniform = new Array<number>(3).fill(-Math.log(3));
    const worth = (logps: readonly number[]) =>
      Math.min(expectedReward(logps, first), expectedReward(logps, second)) - beta * klDivergence(logps, uniform);
    const best = worth(maxMinPolicy(first, second, beta));
    const cells = 60;
    for (let a = 1; a < cells - 1; a++)
      for (let b = 1; a + b < cells; b++) {
        const policy = [a / cells, b / cells, (cells - a - b) / cells].map(Math.log);
        expect(worth(policy)).toBeLessThanOrEqual(best + 1e-9);
      }
  }
});

test('the area that whole points cover is the number of unit squares below any of them', () => {
  const draws = new Draws(6);
  for (let i = 0; i < 20; i++) {
    const points = Array.from({ length: 5 }, (): [number, number] => [draws.below(8) - 2, draws.below(8) - 2]);
    let squares = 0;
    for (let x = -1; x < 6; x++) for (let y = -1; y < 6; y++) squares += Number(points.some(([a, b]) => a > x && b > y));
    expect(hypervolume(points, [-1, -1])).toBe(squares);
  }
});

test('messages that overclaim sound better and turn out worse by what they claim, and others do neither', () => {
  const { impression, outcome } = overclaiming(new Draws(1), 50, 8, 1.2, 0.5);
  const gaps = impression.flatMap((row, x) => row.map((value, y) => value - (outcome[x]?.[y] ?? Number.NaN)));
  for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(0);
  // 400 fair coins: four deviations
  expect(Math.abs(gaps.filter((gap) => gap === 0).length / 400 - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / 400));
  const free = overclaiming(new Draws(1), 50, 8, 0, 0.5);
  expect(free.impression).toEqual(free.outcome);
});

test('without noise, the likelihood of follow-ups orders answers as quality does, and linearly', () => {
  const draws = new Draws(2);
  const qualities = [-1.5, -0.2, 0.3, 2];
  const rewards = followUps(draws, qualities, draws.normals(6), 0).map(likelihoodReward);
  // mean pull of the pleased ones, 3.5 / 3, less that of the others
  for (const [i, reward] of rewards.entries()) expect(reward - (rewards[0] ?? 0)).toBeCloseTo((7 / 3) * ((qualities[i] ?? 0) - -1.5), 10);
});

test('users complain about what does not content them, as often as they voice it, and rewrites are other answers', () => {
  const draws = new Draws(4);
  const setting = { qualities: [[-30, 30, 0]], logits: [[0, 0, 0]], each: 4000, voiced: 0.3, noise: 0 };
  const said = complaints(draws, setting);
  expect(said.every(({ complained, rewrite }) => rewrite !== complained)).toBe(true);
  expect(said.some(({ complained }) => complained === 1)).toBe(false);
  // of a third of the answers always unhappy, all but (1/3)⁴ have another rewrite; a third more is unhappy half of the time, and has the best of four rewrites, another one unless none is better
  const expected = 0.3 * ((1 / 3) * (1 - 3 ** -4) + (1 / 3) * 0.5 * (1 - (2 / 3) ** 4 + 3 ** -4));
  expect(Math.abs(said.length / 4000 - expected)).toBeLessThan(4 * Math.sqrt(expected / 4000));
  expect(complaints(draws, { ...setting, voiced: 0 })).toEqual([]);
});

test('nudges draw users to the harmful option, by nothing where nobody is susceptible', () => {
  const users = susceptibleUsers(new Draws(7), 100, 3, 1.5);
  for (const nudge of [0, 1, 2]) expect(harmfulShare(users, nudge)).toBeGreaterThan(harmfulShare(users, null));
  const firm = susceptibleUsers(new Draws(7), 100, 3, 0);
  expect(harmfulShare(firm, 1)).toBe(harmfulShare(firm, null));
  const [first = []] = firm.utilities;
  const total = first.reduce((sum, value) => sum + Math.exp(value), 0);
  expect(harmfulShare({ utilities: [first], susceptibility: [[0]] }, null)).toBeCloseTo(Math.exp(first[2] ?? 0) / total, 12);
  expect(mean(firm.susceptibility.flat())).toBe(0);
});

test('least squares are where the gradient is zero, and a straight line is explained without error', () => {
  const draws = new Draws(8);
  const rows = draws.normalRows(40, 3);
  const targets = draws.normals(40);
  const [intercept = 0, ...weights] = leastSquares(rows, targets);
  const errors = rows.map((row, i) => intercept + row.reduce((sum, value, k) => sum + value * (weights[k] ?? 0), 0) - (targets[i] ?? 0));
  for (const column of [rows.map(() => 1), ...[0, 1, 2].map((k) => rows.map((row) => row[k] ?? 0))])
    expect(column.reduce((sum, value, i) => sum + value * (errors[i] ?? 0), 0)).toBeCloseTo(0, 9);
  expect(fidelity(rows, ([a = 0, b = 0]) => 2 - a + 3 * b)).toBeCloseTo(1, 9);
  expect(fidelity(rows, ([a = 0]) => a * a)).toBeLessThan(0.9);
});
