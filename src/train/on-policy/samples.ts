import type { Group, Pair } from '../../core/experiment.ts';
import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import { RandomStream, streams } from '../../core/rng.ts';
import { winShares } from './win-shares.ts';

/** A response and what it earned. */
interface Sample {
  outcome: number;
  reward: number;
}

export interface SampledGroup {
  prompt: number;
  samples: readonly Sample[];
  /** how many of them, the last ones, are an opponent's, where the loss tells */
  opponents?: number;
}

export const groupOf = ({ prompt, samples, opponents }: SampledGroup): Group => ({
  prompt,
  responses: samples.map(({ outcome }) => outcome),
  rewards: samples.map(({ reward }) => reward),
  ...(opponents === undefined ? {} : { opponents }),
});

/** The group with the first of its best responses alone. */
export const withBestAlone = (group: SampledGroup): SampledGroup => ({
  ...group,
  samples: [group.samples.reduce((best, each) => (each.reward > best.reward ? each : best))],
});

/** The pairs of a group whose rewards are far enough apart, the response with the larger one as the chosen one. */
export function pairsOf({ prompt, samples }: SampledGroup, threshold: number): Pair[] {
  return samples.flatMap((a, i) =>
    samples
      .slice(i + 1)
      // a response against itself has no gradient
      .filter((b) => b.outcome !== a.outcome && Math.abs(a.reward - b.reward) >= threshold)
      .map((b): Pair => {
        const [better, worse] = a.reward >= b.reward ? [a, b] : [b, a];
        return { prompt, chosen: better.outcome, rejected: worse.outcome };
      }),
  );
}

/**
 * The groups of a round with what they earn. `drawn`: [prompts, groups, n] outcomes; `sampled` and `reference`: [prompts × K] log-probs under
 * who was sampled and under the reference. `tells`: whether the loss tells an opponent's responses apart.
 */
export function label(
  { rewards, sampling, verdicts, klPenalty = 0, seed = 0 }: OnPolicyExperiment,
  round: number,
  drawn: Uint32Array,
  sampled: ArrayLike<number>,
  reference: ArrayLike<number>,
  tells: boolean,
): SampledGroup[] {
  // data that is kept keeps its verdicts
  const random = new RandomStream(seed, streams.verdicts + 16 * (sampling.once ? 0 : round));
  return rewards.flatMap((row, prompt) =>
    Array.from({ length: sampling.groups }, (_, group) => {
      const at = (prompt * sampling.groups + group) * sampling.n;
      const outcomes = [...drawn.subarray(at, at + sampling.n)];
      const earned = outcomes.map((outcome) => row[outcome] ?? 0);
      const judged = verdicts ? winShares(earned, verdicts, random) : earned;
      const members = outcomes.map((outcome, i): Sample => {
        const place = prompt * row.length + outcome;
        const penalty = klPenalty === 0 ? 0 : klPenalty * ((sampled[place] ?? 0) - (reference[place] ?? 0));
        return { outcome, reward: (judged[i] ?? 0) - penalty };
      });
      return { prompt, samples: members, ...(tells ? { opponents: Math.floor(sampling.n / 2) } : {}) };
    }),
  );
}

/** The groups that are trained on. */
export const kept = (groups: readonly SampledGroup[], { dropEqualRewards }: OnPolicyExperiment['sampling']): readonly SampledGroup[] =>
  dropEqualRewards ? groups.filter(({ samples }) => samples.some(({ reward }) => reward !== samples[0]?.reward)) : groups;
