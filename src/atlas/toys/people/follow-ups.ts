import { mean } from '../../../core/numerics.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import type { Draws } from '../draws.ts';

/** How strongly quality draws each of six things a user may say next: the first three by pleased users, the others not. */
const pull = [2, 1, 0.5, -0.5, -1, -2] as const;
const pleased = 3;

/** [answer][follow-up] log-probabilities of what users say next, by the answers' qualities; some things are commoner than others. */
export function followUps(draws: Draws, qualities: readonly number[], common: readonly number[], noise: number): number[][] {
  return qualities.map((quality) => logSoftmax(pull.map((weight, f) => weight * quality + (common[f] ?? 0) + noise * draws.normal())));
}

/** How common each follow-up is whatever the answer. */
export const commonness = (draws: Draws): number[] => draws.normals(pull.length, 0.5);

/** Mean log-likelihood of the pleased follow-ups less that of the others: our reading of arXiv:2409.13948's reward. */
export const likelihoodReward = (logps: readonly number[]): number => mean(logps.slice(0, pleased)) - mean(logps.slice(pleased));
