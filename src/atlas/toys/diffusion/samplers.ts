import type { Draws } from '../draws.ts';
import { type Denoiser, noiseIn } from './denoiser.ts';
import { cleaned, levels, noised, signalAt } from './schedule.ts';

/** Where samples may end. */
const limit = 4;
const withinLimit = (x: number): number => Math.min(limit, Math.max(-limit, x));

/** The noise that a sampler asks for: of a denoiser, or of one that is told more. */
export type NoiseAt = (x: number, level: number) => number;

/** One sample by ancestral steps (arXiv:2006.11239): from noise, each level down by a draw from q(x_{t-1} | x_t, x_0) at the x_0 that is told. */
export function ancestral(draws: Draws, noiseAt: NoiseAt): number {
  let x = draws.normal();
  for (let level = levels - 1; level >= 0; level--) {
    const [kept, before] = [signalAt(level), signalAt(level - 1)];
    const factor = kept / before;
    const start = withinLimit(cleaned(x, noiseAt(x, level), level));
    const mean = (Math.sqrt(before) * (1 - factor) * start + Math.sqrt(factor) * (1 - before) * x) / (1 - kept);
    x = mean + Math.sqrt(((1 - before) / (1 - kept)) * (1 - factor)) * (level > 0 ? draws.normal() : 0);
  }
  return x;
}

export const samplesOf = (draws: Draws, denoiser: Denoiser, count: number): number[] =>
  Array.from({ length: count }, () => ancestral(draws, (x, level) => noiseIn(denoiser, x, level)));

/** x_0 from x_t by deterministic steps (DDIM, arXiv:2010.02502), each at the noise that is told of where it starts. */
export function ddim(noiseAt: NoiseAt, x: number, level: number): number {
  let at = x;
  for (let t = level; t >= 0; t--) {
    const noise = noiseAt(at, t);
    const start = cleaned(at, noise, t);
    at = t > 0 ? noised(start, noise, t - 1) : start;
  }
  return at;
}

/** x_t from x_0 by the same steps turned round: each asks for the noise at the level that it leaves, or the first at x_0. */
export function inverted(noiseAt: NoiseAt, x: number, level: number): number {
  let at = x;
  for (let t = 0; t <= level; t++) {
    const noise = noiseAt(at, Math.max(0, t - 1));
    const start = t > 0 ? cleaned(at, noise, t - 1) : at;
    at = noised(start, noise, t);
  }
  return at;
}
