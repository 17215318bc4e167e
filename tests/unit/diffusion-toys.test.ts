import { expect, test } from 'vitest';
import { dimensions, drawFrom, features, noiseIn, noiseOf, pretrained, twoModes } from '../../src/atlas/toys/diffusion/denoiser.ts';
import { LeastSquares } from '../../src/atlas/toys/diffusion/least-squares.ts';
import { noisedPairs, trainDenoiser, trainedDenoiser } from '../../src/atlas/toys/diffusion/preferences.ts';
import { ddim, inverted, samplesOf } from '../../src/atlas/toys/diffusion/samplers.ts';
import { cleaned, levels, noised, signal } from '../../src/atlas/toys/diffusion/schedule.ts';
import { scoreDivergence } from '../../src/atlas/toys/diffusion/score-divergence.ts';
import { Draws } from '../../src/atlas/toys/draws.ts';
import { mean } from '../../src/core/numerics.ts';
import { openEngine } from '../../src/index.ts';
import { compileGroupObjective } from '../../src/objectives/group-compile.ts';
import { readGroupLoss } from '../../src/objectives/group-loss.ts';

const law = twoModes(0.3);

test('noise grows from level to level, and what it hides comes back', () => {
  for (const [level, kept] of signal.entries()) {
    expect(kept).toBeLessThan(signal[level - 1] ?? 1);
    expect(kept).toBeGreaterThan(0);
    // each of four operations on numbers below 4 rounds once, and dividing by √ᾱ ≥ 0.04 magnifies that
    expect(Math.abs(cleaned(noised(1.3, -0.7, level), -0.7, level) - 1.3)).toBeLessThan(1e-13);
  }
});

test('least squares solve their normal equations', () => {
  const draws = new Draws(3);
  const rows = draws.normalRows(40, 5);
  const targets = draws.normals(40);
  const squares = new LeastSquares(5);
  for (const [i, row] of rows.entries()) squares.add(row, targets[i] ?? 0, 1 + (i % 3));
  const solution = squares.solve(0.5);
  for (let k = 0; k < 5; k++) {
    const slope = rows.reduce(
      (sum, row, i) => {
        const rest = row.reduce((total, x, j) => total + x * (solution[j] ?? 0), 0) - (targets[i] ?? 0);
        return sum + (1 + (i % 3)) * rest * (row[k] ?? 0);
      },
      0.5 * (solution[k] ?? 0),
    );
    // sums of 40 terms below 30, of a well-conditioned matrix
    expect(Math.abs(slope)).toBeLessThan(1e-10);
  }
});

test('the mean noise is that of draws', () => {
  const draws = new Draws(5);
  const level = 5;
  const near: number[] = [];
  const [at, width] = [0.4, 0.05];
  for (let i = 0; i < 100_000; i++) {
    const noise = draws.normal();
    if (Math.abs(noised(drawFrom(draws, law), noise, level) - at) < width) near.push(noise);
  }
  const { density, mean: expected } = noiseOf(law, at, level);
  const share = near.length / 100_000;
  expect(Math.abs(share / (2 * width) - density)).toBeLessThan((5 * Math.sqrt(share / 100_000)) / (2 * width) + 0.01);
  expect(Math.abs(mean(near) - expected)).toBeLessThan(5 / Math.sqrt(near.length) + 0.02); // five errors of a mean, and the bend within the window
});

const denoiser = pretrained(law);

test('the denoiser in closed form is the mean noise wherever samples are, and its samples are of the law', () => {
  for (const level of [0, 3, 7, levels - 1]) {
    let [error, weight] = [0, 0];
    for (let x = -3; x <= 3; x += 0.01) {
      const { density, mean: expected } = noiseOf(law, x, level);
      error += density * (noiseIn(denoiser, x, level) - expected) ** 2;
      weight += density;
    }
    // a twentieth of the noise's own deviation: what bumps a quarter apart leave of a step between two modes
    expect(Math.sqrt(error / weight)).toBeLessThan(0.05);
  }
  const samples = samplesOf(new Draws(7), denoiser, 4000);
  const right = mean(samples.map((x) => Number(x > 0)));
  expect(Math.abs(right - 0.3)).toBeLessThan(5 * Math.sqrt(0.21 / 4000) + 0.02);
  expect(mean(samples.map((x) => Number(Math.abs(Math.abs(x) - 1.5) < 0.8)))).toBeGreaterThan(0.98);
});

test('an inversion is undone by the deterministic sampler, up to the size of its steps', () => {
  const noiseAt = (x: number, level: number) => noiseIn(denoiser, x, level);
  for (const x of [-1.8, -1.5, 1.3, 1.6]) expect(Math.abs(ddim(noiseAt, inverted(noiseAt, x, 3), 3) - x)).toBeLessThan(0.1);
});

test('training on winners alone lowers their denoising error, level by level', async () => {
  const engine = await openEngine({ backend: 'cpu' });
  const draws = new Draws(9);
  const pairs = noisedPairs(
    draws,
    Array.from({ length: 40 * levels }, () => [drawFrom(draws, twoModes(1)), drawFrom(draws, twoModes(0))] as const),
  );
  const trained = trainedDenoiser(await engine.trials(trainDenoiser(denoiser, pairs, { objective: { name: 'sft' }, steps: 20 })));
  expect(trained.map((row) => row.length)).toEqual(Array.from({ length: levels }, () => dimensions));
  const errorsOf = (weights: readonly (readonly number[])[]) =>
    Array.from({ length: levels }, (_, level) =>
      mean(pairs.filter((pair) => pair.level === level).map(({ chosen: { x, noise } }) => (noise - noiseIn(weights, x, level)) ** 2)),
    );
  const [before, after] = [errorsOf(denoiser), errorsOf(trained)];
  for (const [level, error] of after.entries()) expect(error).toBeLessThan(before[level] ?? 0);
  expect(features(0)).toHaveLength(dimensions);
});

test('the divergence of scores of two normal laws is what its integral is', () => {
  const [step, deviation, noises] = [0.25, 0.35, [0.4, 1]];
  const [own, kept] = [0.3, -0.2];
  const line = Array.from({ length: 65 }, (_, i) => step * (i - 32));
  const logps = (centre: number): number[] => {
    const raw = line.map((x) => -((x - centre) ** 2) / (2 * deviation ** 2));
    const total = Math.log(raw.reduce((sum, value) => sum + Math.exp(value), 0));
    return raw.map((value) => value - total);
  };
  const { term, item, reductions, inputs } = compileGroupObjective(readGroupLoss(scoreDivergence(noises, step)), {});
  expect(inputs).toEqual(['ref', 'reward']);
  const [policy, reference] = [logps(own), logps(kept)];
  const responses = line.map((x, i) => [policy[i] ?? 0, reference[i] ?? 0, x]);
  const loss = responses.reduce((sum, each) => {
    const reduced = reductions.map((_, m) => responses.reduce((total, other) => total + term(m, each, other).value, 0));
    return sum + item(each, reduced, []).loss;
  }, 0);
  const expected = mean(noises.map((noise) => (own - kept) ** 2 / (deviation ** 2 + noise ** 2) ** 2));
  // law times noise is as narrow as 1 / √(1 / 0.35² + 1 / 0.4²) = 0.26, and sums over places h apart are off by exp(-2 (π 0.26 / h)²) =
  // 5e-10 of themselves; a score has moments divided by noise², and is squared
  expect(Math.abs(loss / expected - 1)).toBeLessThan(1e-7);
});
