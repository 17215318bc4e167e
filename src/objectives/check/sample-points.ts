import type { Scope } from '../../core/expression/program.ts';
import type { PairInput } from '../inputs.ts';
import type { ObjectiveParameter } from '../objective.ts';

/** Largest log-ratio, either way, of the extreme pairs, in nats. */
const extreme = 1e4;

/** Roots of these fill any number of dimensions evenly: multiples of an irrational number, modulo 1. */
const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113];

type PairValues = Record<PairInput, number>;

/** The i-th pair of an even spread, with float32 coordinates. Log-probs are negative, and the chosen reward is the larger one. */
function ordinaryPair(next: () => number): PairValues {
  const between = (low: number, high: number) => Math.fround(low + (high - low) * next());
  const logp = () => between(-12, -0.05);
  const reward = between(-2, 2);
  const label = between(-0.2, 0.95);
  return {
    logp_w: logp(),
    logp_l: logp(),
    ref_w: logp(),
    ref_l: logp(),
    prev_w: logp(),
    prev_l: logp(),
    len_w: 1 + Math.floor(8 * next()),
    len_l: 1 + Math.floor(8 * next()),
    mean_len_w: between(1, 8),
    reward_w: Math.fround(reward + between(0.5, 3)),
    reward_l: reward,
    label: label < 0.05 ? 0.5 : label, // some are ties
    weight: 1,
    sorted_ref_margin: between(-3, 3),
    same_rank_logratio_w: between(-3, 3),
    same_rank_logratio_l: between(-3, 3),
    kl_baseline: between(0, 2),
    mean_logratio: between(-2, 2),
    wpo_weight: between(0.1, 1),
  };
}

/** Log-probs of pairs whose log-ratios and margins reach ±1e4, alone and together. */
const extremePairs: readonly (readonly [logpW: number, logpL: number, refW: number, refL: number])[] = [
  [-1, -extreme, -1, -1],
  [-extreme, -1, -1, -1],
  [-1, -1, -extreme, -1],
  [-1, -1, -1, -extreme],
  [-extreme, -extreme, -1, -1],
  [-1, -1, -extreme, -extreme],
  [-300, -1, -1, -300],
  [-1, -300, -300, -1],
];

/**
 * Pairs to try a loss on, the same at every call: `count` ordinary ones with parameters spread over their sliders' ranges, or at
 * `values`, and eight extreme ones with the parameters at `values` or their defaults.
 */
export function samplePoints(
  parameters: Readonly<Record<string, Pick<ObjectiveParameter, 'default' | 'min' | 'max'>>>,
  values: Readonly<Record<string, number>> = {},
  count = 24,
): Scope[] {
  const points: Scope[] = [];
  const settings = Object.fromEntries(Object.entries(parameters).map(([name, { default: value }]) => [name, values[name] ?? value]));
  for (let i = 1; i <= count + extremePairs.length; i++) {
    let dimension = 0;
    const next = () => (i * Math.sqrt(primes[dimension++ % primes.length] ?? 2)) % 1;
    const pair = ordinaryPair(next);
    const moved = Object.entries(parameters).map(([name, { default: value, min, max }]) => {
      // half of the way to either end, so that most points stay near the default
      const share = next() - 0.5;
      return [name, values[name] ?? Math.fround(value + share * (share < 0 ? value - min : max - value))];
    });
    const [logp_w, logp_l, ref_w, ref_l] = extremePairs[i - 1 - count] ?? [];
    if (logp_w === undefined || logp_l === undefined || ref_w === undefined || ref_l === undefined)
      points.push({ ...pair, ...Object.fromEntries(moved) });
    else points.push({ ...pair, logp_w, logp_l, ref_w, ref_l, prev_w: ref_w, prev_l: ref_l, ...settings });
  }
  return points;
}
