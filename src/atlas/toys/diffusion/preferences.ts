import type { Experiment, ObjectiveChoice, Pair } from '../../../core/experiment.ts';
import type { Trial } from '../../../core/trial.ts';
import type { Draws } from '../draws.ts';
import { type Denoiser, features } from './denoiser.ts';
import { levels, noised } from './schedule.ts';

/** A number with the noise that was put on it. */
export interface Noised {
  /** x_t */
  readonly x: number;
  readonly noise: number;
}
/** Two numbers of which the first is preferred, both at one level. */
export interface NoisedPair {
  readonly level: number;
  readonly chosen: Noised;
  readonly rejected: Noised;
  /** what an objective may read besides */
  readonly rewards?: [chosen: number, rejected: number];
  readonly label?: number;
}
export type Couple = readonly [chosen: number, rejected: number];

/** Pairs at the levels in turn, both numbers of a pair under the same noise, as Diffusion-DPO's code has it. */
export const noisedPairs = (draws: Draws, couples: readonly Couple[]): NoisedPair[] =>
  couples.map(([chosen, rejected], i) => {
    const level = i % levels;
    const noise = draws.normal();
    return { level, chosen: { x: noised(chosen, noise, level), noise }, rejected: { x: noised(rejected, noise, level), noise } };
  });

export interface DenoiserTraining {
  readonly objective: ObjectiveChoice;
  readonly steps: number;
  /** default 0.03 */
  readonly learningRate?: number;
}

/**
 * Trains a denoiser on pairs: one experiment for each level, since levels share no weights. A number's log-prob is -½ its squared error,
 * up to a constant, so DPO's β is that of Diffusion-DPO, -log σ(-β/2 [...]), and likelihood is denoising. Every level needs a pair.
 */
export const trainDenoiser = (denoiser: Denoiser, pairs: readonly NoisedPair[], training: DenoiserTraining): Experiment[] =>
  denoiser.map((weights, level): Experiment => {
    const own = pairs.filter((pair) => pair.level === level);
    return {
      policy: {
        kind: 'regression',
        inputs: own.map(({ chosen, rejected }) => [features(chosen.x), features(rejected.x)]),
        targets: own.map(({ chosen, rejected }) => [chosen.noise, rejected.noise]),
        weights: [...weights],
      },
      pairs: own.map(
        ({ rewards, label }, prompt): Pair => ({
          ...{ prompt, chosen: [0], rejected: [1] },
          ...(rewards ? { rewards } : {}),
          ...(label === undefined ? {} : { label }),
        }),
      ),
      objective: training.objective,
      optimizer: { kind: 'adam', learningRate: training.learningRate ?? 0.03, steps: training.steps },
    };
  });

/** The denoiser that came of it: its first levels' trials in order, from `first` on where several were trained. */
export const trainedDenoiser = (trials: readonly Trial[], first = 0): number[][] =>
  trials.slice(first, first + levels).map(({ final }) => Array.from(final['weights'] ?? []));
