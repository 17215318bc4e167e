import { entropy, klDivergence, mixedShare, passAtK, rewardGradientSquared } from '../../core/exact.ts';
import { mean } from '../../core/numerics.ts';

/** Every k of pass@k that is drawn. */
export const ks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] as const;

/** What is exactly known of a policy on all prompts, from its probabilities: nothing is sampled. Means over prompts. */
export interface PopulationNumbers {
  /** that one of k answers is right, for each of `ks` */
  readonly pass: readonly number[];
  /** nats */
  readonly entropy: number;
  /** KL(π ‖ π at the start), nats */
  readonly kl: number;
  /** share of groups with both right and wrong answers, of all that could be drawn */
  readonly effective: number;
  /** length of the gradient of the expected reward by all logits */
  readonly gradient: number;
}

export interface PopulationOptions {
  /** [prompts, answers] */
  readonly rewards: readonly (readonly number[])[];
  /** [prompts × answers] log-probs at the start */
  readonly start: ArrayLike<number>;
  readonly groupSize: number;
}

/** The probability of a right answer, prompt by prompt: right is what has a reward above 0. */
export const rightOf = (logps: readonly number[], rewards: PopulationOptions['rewards']): number[] =>
  rewards.map((row, prompt) =>
    row.reduce((sum, reward, answer) => sum + (reward > 0 ? Math.exp(logps[prompt * row.length + answer] ?? Number.NaN) : 0), 0),
  );

/** `logps` [prompts × answers]. */
export function populationNumbers(logps: readonly number[], { rewards, start, groupSize }: PopulationOptions): PopulationNumbers {
  const width = rewards[0]?.length ?? 0;
  const rowsOf = (of: ArrayLike<number>): number[][] =>
    rewards.map((_, prompt) => Array.from({ length: width }, (_, answer) => of[prompt * width + answer] ?? Number.NaN));
  const [rows, starts] = [rowsOf(logps), rowsOf(start)];
  const right = rightOf(logps, rewards);
  return {
    pass: ks.map((k) => mean(right.map((p) => passAtK(p, k)))),
    entropy: mean(rows.map(entropy)),
    kl: mean(rows.map((row, prompt) => klDivergence(row, starts[prompt] ?? []))),
    effective: mean(right.map((p) => mixedShare(p, groupSize))),
    gradient: Math.sqrt(rows.reduce((sum, row, prompt) => sum + rewardGradientSquared(row, rewards[prompt] ?? []), 0)) / rows.length,
  };
}
