import { bestOfN, entropy, expectedReward, klDivergence, mixedShare, passAtK, rewardGradientSquared } from '../../core/exact.ts';
import { mean } from '../../core/numerics.ts';

/** Every k of pass@k that is drawn. */
export const ks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] as const;

/** What is exactly known of a policy on all prompts, from its probabilities: nothing is sampled. Means over prompts. */
export interface PopulationNumbers {
  /** expected reward of the best of k answers, for each of `ks`; where rewards are 1 and 0: that one of k is right */
  readonly pass: readonly number[];
  /** nats */
  readonly entropy: number;
  /** KL(π ‖ π at the start), nats */
  readonly kl: number;
  /** share of groups whose rewards are not all the same, of all that could be drawn */
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
  /** log-probs of who is sampled, where that is not the policy itself */
  readonly source?: ArrayLike<number>;
}

/** What one prompt adds to the numbers of a population. */
interface OfPrompt {
  /** expected reward of the best of k answers */
  best(k: number): number;
  /** that the rewards of n answers, drawn from who is sampled, are not all the same */
  mixed(n: number): number;
}

/** Right answers have a reward of 1, wrong ones of 0: all that counts is the probability of a right one, however small. */
function ofVerdicts(logps: readonly number[], source: readonly number[], rewards: readonly number[]): OfPrompt {
  const rightOf = (row: readonly number[]): number =>
    row.reduce((sum, logp, answer) => sum + (rewards[answer] === 1 ? Math.exp(logp) : 0), 0);
  const [right, drawn] = [rightOf(logps), rightOf(source)];
  return { best: (k) => passAtK(right, k), mixed: (n) => mixedShare(drawn, n) };
}

function ofRewards(logps: readonly number[], source: readonly number[], rewards: readonly number[]): OfPrompt {
  const levels = new Map<number, number>();
  for (const [answer, logp] of source.entries()) {
    const reward = rewards[answer] ?? Number.NaN;
    levels.set(reward, (levels.get(reward) ?? 0) + Math.exp(logp));
  }
  return {
    best: (k) => expectedReward(bestOfN(logps, rewards, k).map(Math.log), rewards),
    mixed: (n) => Math.max(0, 1 - [...levels.values()].reduce((sum, p) => sum + p ** n, 0)),
  };
}

/** `logps` [prompts × answers]. */
export function populationNumbers(
  logps: readonly number[],
  { rewards, start, groupSize, source = logps }: PopulationOptions,
): PopulationNumbers {
  const width = rewards[0]?.length ?? 0;
  const rowsOf = (of: ArrayLike<number>): number[][] =>
    rewards.map((_, prompt) => Array.from({ length: width }, (_, answer) => of[prompt * width + answer] ?? Number.NaN));
  const [rows, starts, sources] = [rowsOf(logps), rowsOf(start), rowsOf(source)];
  const isVerdict = rewards.every((row) => row.every((reward) => reward === 0 || reward === 1));
  const prompts = rows.map((row, prompt) => (isVerdict ? ofVerdicts : ofRewards)(row, sources[prompt] ?? [], rewards[prompt] ?? []));
  return {
    pass: ks.map((k) => mean(prompts.map(({ best }) => best(k)))),
    entropy: mean(rows.map(entropy)),
    kl: mean(rows.map((row, prompt) => klDivergence(row, starts[prompt] ?? []))),
    effective: mean(prompts.map(({ mixed }) => mixed(groupSize))),
    gradient: Math.sqrt(rows.reduce((sum, row, prompt) => sum + rewardGradientSquared(row, rewards[prompt] ?? []), 0)) / rows.length,
  };
}
