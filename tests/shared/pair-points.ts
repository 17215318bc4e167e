import type { Objective } from '../../src/index.ts';
import { type Point, randomStream } from './random-expressions.ts';

export const defaultsOf = ({ parameters }: Pick<Objective, 'parameters'>): Record<string, number> =>
  Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, value]));

/** Largest log-ratio, either way, of the extreme pairs. */
const extreme = 1e4;

/**
 * Pairs with float32 coordinates: ordinary ones with random parameters, and extreme ones whose log-ratios reach ±1e4 at the parameters'
 * defaults. Log-probs are never positive. Where rewards are compared, the chosen one is the larger.
 */
export function pairPoints(objective: Pick<Objective, 'parameters'>, ordinary = 24): Point[] {
  const random = randomStream(7);
  const between = (low: number, high: number) => Math.fround(low + (high - low) * random());
  const common = () => {
    const reward = between(-2, 2);
    return {
      len_w: 1 + Math.floor(8 * random()),
      len_l: 1 + Math.floor(8 * random()),
      mean_len_w: between(1, 8),
      reward_w: reward + between(0.5, 3),
      reward_l: reward,
      label: random() < 0.2 ? 0.5 : between(0.05, 0.95),
      weight: 1,
      sorted_ref_margin: between(-3, 3),
      same_rank_logratio_w: between(-3, 3),
      same_rank_logratio_l: between(-3, 3),
      kl_baseline: between(0, 2),
      mean_logratio: between(-2, 2),
      wpo_weight: between(0.1, 1),
    };
  };
  const points: Point[] = [];
  for (let i = 0; i < ordinary; i++) {
    const logp = () => between(-12, -0.05);
    const parameters = Object.entries(objective.parameters).map(([name, { default: value, min, max }]) => [
      name,
      Math.fround(value + 0.5 * (random() < 0.5 ? (min - value) * random() : (max - value) * random())),
    ]);
    points.push({
      ...common(),
      ...{ logp_w: logp(), logp_l: logp(), ref_w: logp(), ref_l: logp(), prev_w: logp(), prev_l: logp() },
      ...Object.fromEntries(parameters),
    });
  }
  const near = -1;
  const far = -extreme;
  for (const [logp_w, logp_l, ref_w, ref_l] of [
    [near, far, near, near],
    [far, near, near, near],
    [near, near, far, near],
    [near, near, near, far],
    [far, far, near, near],
    [near, near, far, far],
    [-300, -1, -1, -300],
    [-1, -300, -300, -1],
  ] as const)
    points.push({ ...common(), ...{ logp_w, logp_l, ref_w, ref_l, prev_w: ref_w, prev_l: ref_l }, ...defaultsOf(objective) });
  return points;
}
