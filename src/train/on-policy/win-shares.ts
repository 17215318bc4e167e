import { sigmoid } from '../../core/numerics.ts';
import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import type { RandomStream } from '../../core/rng.ts';

export type Verdicts = NonNullable<OnPolicyExperiment['verdicts']>;

/**
 * [n] the share of a group's other samples that each one beats: r_i = Σ_{j≠i} 1[y_i ≻ y_j] / (n - 1) (arXiv:2508.20751, released code).
 * Each two samples are judged once, so that the shares of a group always have the mean 1/2. A group of one has nobody to beat: 1/2.
 */
export function winShares(rewards: readonly number[], { temperature, kind = 'drawn' }: Verdicts, random: RandomStream): number[] {
  const wins = new Array<number>(rewards.length).fill(0);
  for (const [i, reward] of rewards.entries())
    for (let j = 0; j < i; j++) {
      const chance = sigmoid((reward - (rewards[j] ?? Number.NaN)) / temperature);
      const won = kind === 'expected' ? chance : Number(random.uniform() < chance);
      wins[i] = (wins[i] ?? 0) + won;
      wins[j] = (wins[j] ?? 0) + 1 - won;
    }
  return rewards.length > 1 ? wins.map((won) => won / (rewards.length - 1)) : wins.fill(0.5);
}
