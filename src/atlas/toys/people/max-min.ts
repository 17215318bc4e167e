import { expectedReward } from '../../../core/exact.ts';
import { logSoftmax } from '../../../core/softmax.ts';

/** The policy that maximises E[r] - β KL(π ‖ uniform): π ∝ e^{r / β}. */
const tilted = (rewards: readonly number[], beta: number): number[] => logSoftmax(rewards.map((reward) => reward / beta));

/**
 * log π of the policy that maximises min_u E_π[r_u] - β KL(π ‖ uniform) for two rewards (arXiv:2402.08925): the optimum for a mixture
 * λ r_1 + (1 - λ) r_2 of them, whose λ makes both expectations equal, or lies at an end where one reward is the smaller one throughout.
 */
export function maxMinPolicy(first: readonly number[], second: readonly number[], beta: number): number[] {
  const mixed = (share: number) =>
    tilted(
      first.map((reward, y) => share * reward + (1 - share) * (second[y] ?? 0)),
      beta,
    );
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    const policy = mixed(middle);
    if (expectedReward(policy, first) < expectedReward(policy, second)) low = middle;
    else high = middle;
  }
  return mixed(high);
}
