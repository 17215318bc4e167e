import type { BestOfNData, ComparisonData, Pair, PreferenceData, RankingData } from '../core/experiment.ts';
import { sigmoid } from '../core/numerics.ts';
import { RandomStream, streams } from '../core/rng.ts';

/** One prompt's responses: which may appear, how likely, and how good they are. */
interface Pool {
  rewards: readonly number[];
  /** probability of each outcome, 0 where it may not appear */
  weights: number[];
}

/** As many outcomes as `coverage` allows, at least two of those that the sampler can draw at all. */
function makePool(rewards: readonly number[], logits: readonly number[] | undefined, coverage: number, random: RandomStream): Pool {
  const peak = logits ? Math.max(...logits) : 0;
  const weights = rewards.map((_, outcome) => (logits ? Math.exp((logits[outcome] ?? Number.NEGATIVE_INFINITY) - peak) : 1));
  if (coverage < 1) {
    const order = random.permutation(rewards.length).filter((outcome) => (weights[outcome] ?? 0) > 0);
    for (const outcome of order.slice(Math.max(2, Math.round(coverage * rewards.length)))) weights[outcome] = 0;
  }
  return { rewards, weights };
}

/** `count` different outcomes, one after the other. */
function drawDistinct({ weights }: Pool, count: number, random: RandomStream): number[] {
  const left = [...weights];
  return Array.from({ length: count }, () => {
    const outcome = random.categorical(left);
    left[outcome] = 0;
    return outcome;
  });
}

function prefersFirst(data: ComparisonData, first: number, second: number, random: RandomStream): boolean {
  const gap = first - second;
  const coin = random.uniform() < 0.5;
  if (data.kind === 'deterministic') return gap === 0 ? coin : gap > 0;
  const { temperature = 1, ties = 0 } = data;
  // Davidson: P(tie) = ν √(ab) / (a + b + ν √(ab)) with a / b = e^{gap / T}
  const isTie = random.uniform() < ties / (2 * Math.cosh(gap / temperature / 2) + ties);
  const label = random.uniform() < sigmoid(gap / temperature);
  return isTie ? coin : label;
}

function compare(data: ComparisonData, pool: Pool, prompt: number, random: RandomStream): Pair[] {
  const [a = 0, b = 0] = drawDistinct(pool, 2, random);
  const first = prefersFirst(data, pool.rewards[a] ?? 0, pool.rewards[b] ?? 0, random);
  const isFlipped = random.uniform() < (data.flipRate ?? 0);
  return [first !== isFlipped ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a }];
}

function bestOfN({ n }: BestOfNData, { rewards, weights }: Pool, prompt: number, random: RandomStream): Pair[] {
  for (;;) {
    const group = Array.from({ length: n }, () => random.categorical(weights));
    const extreme = (sign: 1 | -1) => group.reduce((best, y) => (sign * (rewards[y] ?? 0) > sign * (rewards[best] ?? 0) ? y : best));
    // The last of the worst, so that a group of equal rewards still holds two different responses where it can.
    const [chosen, rejected] = [extreme(1), group.findLast((y) => (rewards[y] ?? 0) === (rewards[extreme(-1)] ?? 0)) ?? 0];
    if (chosen !== rejected) return [{ prompt, chosen, rejected }];
  }
}

function rank({ k, temperature = 1 }: RankingData, pool: Pool, prompt: number, random: RandomStream): Pair[] {
  // Sorting by reward / T plus Gumbel noise is a draw from Plackett and Luce's model.
  const ranked = drawDistinct(pool, k, random)
    .map((y) => ({ y, score: (pool.rewards[y] ?? 0) / temperature - Math.log(-Math.log((random.word() + 0.5) * 2 ** -32)) }))
    .sort((a, b) => b.score - a.score);
  const weight = 2 / (k * (k - 1));
  return ranked.flatMap(({ y: chosen }, place) => ranked.slice(place + 1).map(({ y: rejected }) => ({ prompt, chosen, rejected, weight })));
}

const rewardOf = ({ rewards }: PreferenceData, pair: Pair, side: 'chosen' | 'rejected'): number =>
  rewards[pair.prompt]?.[pair[side] as number] ?? 0;

/** The pairs of a validated choice, with their rewards; the same for the same seed. Prompts take turns. */
export function generatePreferences(data: PreferenceData, seed: number): Pair[] {
  const random = new RandomStream(seed, streams.data);
  const pools = data.rewards.map((rewards, prompt) => makePool(rewards, data.sampler?.[prompt], data.coverage ?? 1, random));
  return Array.from({ length: data.count }, (_, index) => {
    const prompt = index % pools.length;
    const pool = pools[prompt] as Pool;
    if (data.kind === 'best-of-n') return bestOfN(data, pool, prompt, random);
    if (data.kind === 'ranking') return rank(data, pool, prompt, random);
    return compare(data, pool, prompt, random);
  })
    .flat()
    .map((pair): Pair => ({ ...pair, rewards: [rewardOf(data, pair, 'chosen'), rewardOf(data, pair, 'rejected')] }));
}
