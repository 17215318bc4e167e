/** Noise levels of the diffusion toys, from the clean end on. */
export const levels = 12;

/**
 * ᾱ of each level: x_t = √ᾱ x_0 + √(1 - ᾱ) ε. A cosine (arXiv:2102.09672), which stops short of no signal at all, so that x_0 can be told
 * at every level.
 */
export const signal: readonly number[] = Array.from({ length: levels }, (_, t) => Math.cos(((t + 1) / levels) * (Math.PI / 2) * 0.97) ** 2);

/** ᾱ at a level, and 1 before the first. */
export const signalAt = (level: number): number => (level < 0 ? 1 : (signal[level] ?? Number.NaN));

export const noised = (x: number, noise: number, level: number): number =>
  Math.sqrt(signalAt(level)) * x + Math.sqrt(1 - signalAt(level)) * noise;

/** What x_0 must have been for this noise to be in x_t. */
export const cleaned = (x: number, noise: number, level: number): number =>
  (x - Math.sqrt(1 - signalAt(level)) * noise) / Math.sqrt(signalAt(level));
