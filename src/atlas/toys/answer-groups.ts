import type { Group } from '../../core/experiment.ts';

/** Logits of two answers, right and wrong, of which the right one has this probability. */
export const twoAnswers = (right: number): number[] => [Math.log(right), Math.log1p(-right)];

/** Binomial probability of k right answers among n. */
export function chanceOf(k: number, n: number, right: number): number {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return ways * right ** k * (1 - right) ** (n - k);
}

/** A group of n answers to a prompt, the first k of them right: outcome 0, reward 1. */
export const groupOf = (prompt: number, k: number, n: number): Group => ({
  prompt,
  responses: Array.from({ length: n }, (_, i) => (i < k ? 0 : 1)),
  rewards: Array.from({ length: n }, (_, i) => (i < k ? 1 : 0)),
});

/**
 * Every group that n answers can give, each weighed by its chance, so that a mean over groups is the expectation; summed over prompts, of
 * which each has its own probability of a right answer.
 */
export function everyGroup(rights: readonly number[], n: number): Group[] {
  const all = rights.length * (n + 1);
  return rights.flatMap((right, prompt) =>
    Array.from({ length: n + 1 }, (_, k): Group => ({ ...groupOf(prompt, k, n), weight: all * chanceOf(k, n, right) })),
  );
}
