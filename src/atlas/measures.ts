import { entropy, expectedReward, klDivergence } from '../core/exact.ts';
import type { Policy } from '../core/experiment.ts';
import { logSoftmax } from '../core/softmax.ts';
import type { Run } from './study.ts';

/** How many outcomes a policy has; of one over tokens, the size of its vocabulary. */
function columnsOf(policy: Policy): number {
  if (policy.kind === 'logLinear') return Array.isArray(policy.features) ? policy.features.length : policy.features.responses;
  if (policy.kind === 'mlp') return policy.output.weights.length;
  if (policy.kind === 'tabular') return policy.logits[0]?.length ?? 1;
  return 'unembedding' in policy ? policy.unembedding.length : 1;
}

/** Log-probabilities of the last stage's end, prompt by prompt. */
export function distributionsOf({ trial: { outcomeLogps = [] }, trained: { policy } }: Run): number[][] {
  const columns = columnsOf(policy);
  return Array.from({ length: outcomeLogps.length / columns }, (_, prompt) => outcomeLogps.slice(prompt * columns, (prompt + 1) * columns));
}

const overPrompts = (rows: readonly (readonly number[])[], of: (row: readonly number[], prompt: number) => number): number =>
  rows.reduce((sum, row, prompt) => sum + of(row, prompt), 0) / rows.length;

/** True rewards where the toy knows them: [prompt][outcome]. */
type Rewarded = Run<{ readonly rewards: readonly (readonly number[])[] }>;

/** Mean true reward of the policy, over prompts. */
export const reward = (run: Rewarded): number =>
  overPrompts(distributionsOf(run), (row, x) => expectedReward(row, run.truth.rewards[x] ?? []));

/** The best response's reward less the policy's, over prompts. */
export const regret = (run: Rewarded): number =>
  overPrompts(
    distributionsOf(run),
    (row, x) => Math.max(...(run.truth.rewards[x] ?? [])) - expectedReward(row, run.truth.rewards[x] ?? []),
  );

/** KL(π ‖ π*), nats, over prompts. */
export const klToOptimum = (run: Run<{ readonly optimum: readonly (readonly number[])[] }>): number =>
  overPrompts(distributionsOf(run), (row, x) => klDivergence(row, run.truth.optimum[x] ?? []));

/** Entropy among some outcomes alone, nats. */
export const entropyAmong = (logps: readonly number[], outcomes: readonly number[]): number =>
  entropy(logSoftmax(outcomes.map((y) => logps[y] ?? Number.NaN)));

/** Probability of some outcomes together. */
export const massOf = (logps: readonly number[], outcomes: readonly number[]): number =>
  outcomes.reduce((sum, y) => sum + Math.exp(logps[y] ?? Number.NaN), 0);
