import { klDivergence } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { logSoftmax } from '../../core/softmax.ts';
import type { Trial } from '../../core/trial.ts';

/**
 * Policies over outcomes that are tilted towards a score by training: regression of log-ratio differences on score differences, each
 * outcome against the first of its prompt. Its minimum is π ∝ π_ref e^{score}; its log-ratios, times b, give every π ∝ π_ref e^{b score}.
 */
export function fitTilt(reference: readonly (readonly number[])[], scores: readonly (readonly number[])[], steps = 120): Experiment {
  return {
    policy: { kind: 'tabular', logits: reference.map((row) => [...row]) },
    pairs: scores.flatMap((row, prompt) =>
      row.slice(1).map((score, i): Pair => ({ prompt, chosen: i + 1, rejected: 0, rewards: [score, row[0] ?? 0] })),
    ),
    objective: { expression: 'square(margin - reward_gap)' },
    optimizer: { kind: 'adam', learningRate: 0.3, steps },
  };
}

/** [prompt][outcome] log π - log π_ref of a fitted tilt, up to a constant of the prompt. */
export function logRatios({ outcomeLogps = [] }: Trial, reference: readonly (readonly number[])[]): number[][] {
  const columns = reference[0]?.length ?? 1;
  return reference.map((row, prompt) => row.map((logit, y) => (outcomeLogps[prompt * columns + y] ?? Number.NaN) - logit));
}

/** The policies π ∝ π_ref e^{strength · ratio}, prompt by prompt. */
export const tilted = (reference: readonly (readonly number[])[], ratios: readonly (readonly number[])[], strength: number): number[][] =>
  reference.map((row, x) => logSoftmax(row.map((logit, y) => logit + strength * (ratios[x]?.[y] ?? 0))));

/** The same at the strength at which KL(π ‖ π_ref) is `kl` nats on average, by bisection. */
export function tiltedAt(reference: readonly (readonly number[])[], ratios: readonly (readonly number[])[], kl: number): number[][] {
  const normal = reference.map((row) => logSoftmax(row));
  const distance = (strength: number) =>
    tilted(reference, ratios, strength).reduce((sum, row, x) => sum + klDivergence(row, normal[x] ?? []), 0) / reference.length;
  let [low, high] = [0, 1];
  while (distance(high) < kl && high < 1e4) high *= 2;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (distance(middle) < kl) low = middle;
    else high = middle;
  }
  return tilted(reference, ratios, low);
}
