import type { Run } from '../../study.ts';
import { Draws } from '../draws.ts';
import { drawFrom, twoModes } from './denoiser.ts';
import { type Couple, trainedDenoiser } from './preferences.ts';
import { samplesOf } from './samplers.ts';

/** The law that half of each mode is of, and what the reference draws. */
export const evenModes = twoModes(0.5);

/** Pairs of a law of two modes, of which the right number wins so often where they differ in mode; within one, either wins alike. */
export const rightWins = (draws: Draws, wins: number, count = 1440): Couple[] =>
  Array.from({ length: count }, (): Couple => {
    const [a, b] = [drawFrom(draws, evenModes), drawFrom(draws, evenModes)];
    const isFirst = draws.coin(Math.sign(a) === Math.sign(b) ? 0.5 : a > b ? wins : 1 - wins);
    return isFirst ? [a, b] : [b, a];
  });

const samples = 1000;
/** Share of a thousand samples of the trained denoiser that are as wanted, in a run whose trials are the levels. */
export const sampled =
  (isWanted: (x: number) => boolean) =>
  ({ seed, trials }: Run): number =>
    samplesOf(new Draws(seed, 1), trainedDenoiser(trials), samples).filter(isWanted).length / samples;

export const isRight = (x: number): boolean => x > 0;
export const isInMode = (x: number): boolean => Math.abs(Math.abs(x) - 1.5) < 0.8;
