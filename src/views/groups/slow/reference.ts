import type { ReferenceSync } from '../../../core/experiment.ts';
import type { OnPolicyRound } from '../../../core/on-policy.ts';
import { logSoftmax } from '../../../core/softmax.ts';

/**
 * Log-probs [prompts × answers] of the reference before an update, from the states before all updates up to it. The logits of the view's
 * worlds are linear in what is trained: those of a mixture of parameters are the same mixture of logits, and log-probs are logits, too.
 */
export function referenceBefore(
  states: readonly Pick<OnPolicyRound, 'outcomeLogps'>[],
  update: number,
  sync: Required<ReferenceSync> | null,
  /** to each prompt */
  answers: number,
): readonly number[] {
  let reference = states[0]?.outcomeLogps ?? [];
  if (!sync) return reference;
  const { refModelSyncSteps: every, refModelMixupAlpha: share } = sync;
  for (let done = every; done <= update; done += every) {
    const policy = states[done]?.outcomeLogps ?? [];
    const mixed = reference.map((logp, i) => (1 - share) * logp + share * (policy[i] ?? Number.NaN));
    reference = Array.from({ length: mixed.length / answers }, (_, prompt) => [
      ...logSoftmax(mixed.slice(prompt * answers, (prompt + 1) * answers)),
    ]).flat();
  }
  return reference;
}
