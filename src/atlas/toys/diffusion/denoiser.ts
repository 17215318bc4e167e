import type { Draws } from '../draws.ts';
import { LeastSquares } from './least-squares.ts';
import { levels, signalAt } from './schedule.ts';

/** A part of a law on a line: so much of it, normal. */
export interface Mode {
  readonly share: number;
  readonly centre: number;
  readonly deviation: number;
}
/** A mixture of normal laws; shares sum to 1. */
export type Law = readonly Mode[];

/** Two modes, 1.5 to either side of 0, with so much to the right: the law of most diffusion toys. */
export const twoModes = (right: number): Law => [
  { share: 1 - right, centre: -1.5, deviation: 0.25 },
  { share: right, centre: 1.5, deviation: 0.25 },
];

export function drawFrom(draws: Draws, law: Law): number {
  const { centre = 0, deviation = 1 } = law[draws.categorical(law.map(({ share }) => share))] ?? {};
  return centre + deviation * draws.normal();
}

const [span, spacing, width] = [4, 0.25, 0.35];
const centres = Array.from({ length: 1 + (2 * span) / spacing }, (_, i) => -span + spacing * i);
/** What a noised number is told by: Gaussian bumps every quarter between -4 and 4, the number itself, and 1. */
export const features = (x: number): number[] => [...centres.map((centre) => Math.exp(-((x - centre) ** 2) / (2 * width ** 2))), x, 1];
export const dimensions = centres.length + 2;

/** Weights [level][features] of a denoiser: the noise that it sees in x_t is linear in the features of x_t. */
export type Denoiser = readonly (readonly number[])[];

/** Bumps further away than so many widths are left out: they are below e^-18. */
const far = 6 * width;

/** ⟨weights, features(x)⟩, without the bumps that are far away. */
export function noiseIn(denoiser: Denoiser, x: number, level: number): number {
  const weights = denoiser[level] ?? [];
  const last = Math.min(centres.length - 1, Math.floor((x + far + span) / spacing));
  let noise = (weights[centres.length] as number) * x + (weights[centres.length + 1] as number);
  for (let i = Math.max(0, Math.ceil((x - far + span) / spacing)); i <= last; i++)
    noise += (weights[i] as number) * Math.exp(-((x - (centres[i] as number)) ** 2) / (2 * width ** 2));
  return noise;
}

/** The density of x_t, and the mean of the noise in it, where x_0 is of this law. */
export function noiseOf(law: Law, x: number, level: number): { density: number; mean: number } {
  const kept = signalAt(level);
  let [density, sum] = [0, 0];
  for (const { share, centre, deviation } of law) {
    const variance = kept * deviation ** 2 + 1 - kept;
    const away = x - Math.sqrt(kept) * centre;
    const own = (share * Math.exp(-(away ** 2) / (2 * variance))) / Math.sqrt(2 * Math.PI * variance);
    density += own;
    sum += (own * Math.sqrt(1 - kept) * away) / variance;
  }
  return { density, mean: sum / density };
}

const [reach, step, ridge] = [7, 0.05, 1e-4];

/**
 * The denoiser that training on endless samples of a law would give: at each level, ridge regression of the mean noise on the features of
 * x_t under the density of x_t, by a sum over a fine grid.
 */
export const pretrained = (law: Law): number[][] =>
  Array.from({ length: levels }, (_, level) => {
    const squares = new LeastSquares(dimensions);
    for (let i = 0; i <= (2 * reach) / step; i++) {
      const x = -reach + step * i;
      const { density, mean } = noiseOf(law, x, level);
      if (density > 1e-12) squares.add(features(x), mean, density * step);
    }
    return squares.solve(ridge);
  });
