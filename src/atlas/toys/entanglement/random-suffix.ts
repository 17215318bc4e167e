import type { ObjectiveChoice } from '../../../core/experiment.ts';
import type { Task } from '../../study.ts';
import { toyRandom, uniformOf } from '../vectors.ts';
import { defaultSuffix, entanglingLength, type SuffixSettings, sharedSuffix } from './shared-suffix.ts';

/** The suffix toy with drawn probabilities. */
export const beta = 0.3;
/** -ℓ' of DPO where the policy is still its reference. */
export const force = beta / 2;

export const suffixOf = (suffixLength: number, afterChosen: number, afterRejected: number, first = 0.4): SuffixSettings => ({
  ...defaultSuffix,
  suffix: suffixLength,
  afterChosen,
  afterRejected,
  first,
  objective: { name: 'dpo', params: { beta } },
  steps: 1,
});

/** Probabilities after both first tokens, far enough apart that the length at which the answers entangle is below 20. */
export function randomSuffix(seed: number): { afterChosen: number; afterRejected: number; length: number } {
  const random = toyRandom(seed);
  for (;;) {
    const [afterChosen, afterRejected] = [uniformOf(random, 0.1, 0.9), uniformOf(random, 0.1, 0.9)];
    const length = entanglingLength(suffixOf(1, afterChosen, afterRejected));
    if (length !== null && length < 20 && Math.abs(afterChosen - afterRejected) > 0.1) return { afterChosen, afterRejected, length };
  }
}

/** The same where the preferred answer falls: p > p', with a suffix a half longer than it takes. */
export function fallingSuffix(seed: number): SuffixSettings {
  const { afterChosen, afterRejected } = randomSuffix(seed);
  const [p, q] = [Math.max(afterChosen, afterRejected), Math.min(afterChosen, afterRejected)];
  const settings = suffixOf(1, p, q);
  return { ...settings, suffix: Math.ceil(1.5 * (entanglingLength(settings) ?? Number.NaN)) };
}

/** Asks for the geometry of the toy's one pair, and its rates under an objective. */
export const geometryOf = (settings: SuffixSettings, objective: ObjectiveChoice = settings.objective): Task => ({
  diagnose: { ...sharedSuffix(settings), objective },
});

/** DPO with a likelihood term: d_w / d_l = 1 + λ / force at the start. */
export const withLikelihood = (lambda: number): ObjectiveChoice => ({
  expression: '-logSigmoid(beta * ((logp_w - ref_w) - (logp_l - ref_l))) - lambda * logp_w',
  params: { beta, lambda },
});
