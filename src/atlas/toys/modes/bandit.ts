import type { Experiment } from '../../../core/experiment.ts';

/** The 100-bin bandit of arXiv:2404.14367 (its released code), with exact bin masses instead of a histogram of samples. */

export const banditBins = 100;

/** CDF of the Cauchy law with location -0.7 and scale 0.4. */
const cauchy = (x: number): number => 0.5 + Math.atan((x + 0.7) / 0.4) / Math.PI;

/** log p_k of tanh(X), X ~ Cauchy(-0.7, 0.4), over 100 equal bins of [-1, 1]. */
export function banditReference(): number[] {
  const edge = (k: number) => Math.atanh(-1 + k / 50); // -Infinity and Infinity at the ends
  return Array.from({ length: banditBins }, (_, k) => Math.log(cauchy(edge(k + 1)) - cauchy(edge(k))));
}

/** exp(-((a - centre) / width)²): centre 70 is R1, where the reference has little mass; 20 is R2, near a peak of its own. */
export const banditReward = (centre: number, width = 10): number[] =>
  Array.from({ length: banditBins }, (_, a) => Math.exp(-(((a - centre) / width) ** 2)));

/** A law that hardly ever sees the far peak: 0.999 of a Gaussian bump about bin 16, and a thousandth spread evenly. */
export function narrowLaw(): number[] {
  const bump = banditReward(16);
  const total = bump.reduce((sum, x) => sum + x, 0);
  return bump.map((x) => Math.log((0.999 * x) / total + 0.001 / banditBins));
}

/** A law as a policy that nothing trains: what a toy says that asks the engine for something else. */
export const untrained = (logps: readonly number[]): Experiment => ({
  policy: { kind: 'tabular', logits: [[...logps]] },
  pairs: [],
  objective: { name: 'sft' },
  optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
});
