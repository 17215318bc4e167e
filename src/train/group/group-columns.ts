import { assertInteger } from '../../core/assertions.ts';
import { ExperimentError } from '../../core/errors.ts';
import type { Group } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import type { CompiledGroupObjective } from '../../objectives/group-compile.ts';
import type { BatchConstant, GroupColumn } from '../../objectives/group-inputs.ts';

/** A group with its responses best first. */
export interface OrderedGroup {
  prompt: number;
  responses: readonly (number | number[])[];
  /** in the order of `responses`; null where the order is all that is known */
  rewards: readonly number[] | null;
  weight: number;
  /** where each response stood in the group as it was given */
  given: readonly number[];
  /** how many of those, the last ones, are the opponent's */
  opponents: number;
}

/** Sorts by reward, the larger first and equal ones as they were given. */
export function orderGroup({ prompt, responses, rewards, weight = 1, opponents = Math.floor(responses.length / 2) }: Group): OrderedGroup {
  const given = responses.map((_, index) => index);
  if (rewards) given.sort((a, b) => (rewards[b] ?? 0) - (rewards[a] ?? 0) || a - b);
  return {
    prompt,
    responses: given.map((index) => responses[index] ?? []),
    rewards: rewards ? given.map((index) => rewards[index] ?? Number.NaN) : null,
    weight,
    given,
    opponents,
  };
}

/** One more than the responses with a larger reward. */
function ranksOf({ responses, rewards }: OrderedGroup): number[] {
  let rank = 1;
  return responses.map((_, index) => {
    if (index > 0 && (!rewards || rewards[index] !== rewards[index - 1])) rank = index + 1;
    return rank;
  });
}

/** Pairs of different rank. */
function orderedPairs(ranks: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  const pairs = (count: number) => (count * (count - 1)) / 2;
  return pairs(ranks.length) - [...sizes.values()].reduce((tied, size) => tied + pairs(size), 0);
}

/** Standard deviation as it is estimated from a sample. */
function deviation(values: readonly number[]): number {
  const centre = mean(values);
  return values.length < 2 ? 0 : Math.sqrt(values.reduce((sum, x) => sum + (x - centre) ** 2, 0) / (values.length - 1));
}

const lengthOf = (response: number | readonly number[] = []) => (typeof response === 'number' ? 1 : response.length);

/** What the columns that all groups share hold; null for one that nobody gave. */
function batchColumnsOf(groups: readonly OrderedGroup[]): Readonly<Record<BatchConstant, (() => number) | null>> {
  const lengths = groups.flatMap(({ responses }) => responses.map(lengthOf));
  const isRewarded = groups.every(({ rewards }) => rewards);
  const all = isRewarded ? groups.flatMap(({ rewards }) => rewards ?? []) : [];
  const [centre, spread] = [mean(all), deviation(all)];
  const tokens = lengths.reduce((sum, length) => sum + length, 0) / groups.length;
  const best = mean(groups.map(({ responses: [first] }) => lengthOf(first)));
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  return {
    batch_mean: isRewarded ? () => centre : null,
    batch_deviation: isRewarded ? () => spread : null,
    batch_size: () => lengths.length,
    mean_tokens: () => tokens,
    best_tokens: () => best,
    longest: () => longest,
  };
}

/** What the columns of one group hold, response by response; null for one that nobody gave. */
function columnsOf(
  group: OrderedGroup,
): Readonly<Record<Exclude<GroupColumn, 'ref' | 'prev' | BatchConstant>, ((index: number) => number) | null>> {
  const { responses, rewards, given, opponents } = group;
  const ranks = ranksOf(group);
  const constant = (value: number | undefined) => (value === undefined ? null : () => value);
  return {
    len: (index) => lengthOf(responses[index]),
    place: (index) => index + 1,
    rank: (index) => ranks[index] ?? Number.NaN,
    opponent: (index) => Number((given[index] ?? 0) >= given.length - opponents),
    reward: rewards && ((index) => rewards[index] ?? Number.NaN),
    count: constant(responses.length),
    ordered_pairs: constant(orderedPairs(ranks)),
    mean_reward: constant(rewards ? mean(rewards) : undefined),
    reward_deviation: constant(rewards ? deviation(rewards) : undefined),
    lowest_reward: constant(rewards?.at(-1)),
    opponents: constant(opponents),
  };
}

/**
 * [N, inputs] what the objective reads of every response, group after group; never empty, because a binding may not be. Throws an
 * ExperimentError that names the first group without what it reads.
 */
export function packGroupInputs(
  { inputs }: CompiledGroupObjective,
  groups: readonly OrderedGroup[],
  reference: ArrayLike<number>,
  previous: ArrayLike<number>,
): Float64Array {
  validateGroupInputs({ inputs }, groups);
  const block = new Float64Array(Math.max(1, reference.length * inputs.length));
  let response = 0;
  const shared = batchColumnsOf(groups);
  for (const [index, group] of groups.entries()) {
    const columns = { ...columnsOf(group), ...shared };
    for (const place of group.responses.keys()) {
      for (const [column, name] of inputs.entries()) {
        const values = name === 'ref' ? () => reference[response] : name === 'prev' ? () => previous[response] : columns[name];
        if (!values) throw missing(index, name);
        block[response * inputs.length + column] = values(place) ?? Number.NaN;
      }
      response++;
    }
  }
  return block;
}

/**
 * [N, positions, 1 + token inputs] 1 for every token of every response and 0 where there is none, and what else the objective reads of
 * it, from the log-probs [N, positions] of tokens.
 */
export function packTokenInputs(
  { tokenInputs }: Pick<CompiledGroupObjective, 'tokenInputs'>,
  groups: readonly OrderedGroup[],
  positions: number,
  reference: ArrayLike<number>,
  previous: ArrayLike<number>,
): Float64Array {
  const width = 1 + tokenInputs.length;
  const block = new Float64Array(reference.length * width);
  for (const [i, response] of groups.flatMap(({ responses }) => responses).entries())
    for (let row = i * positions; row < i * positions + lengthOf(response); row++)
      block.set([1, ...tokenInputs.map((name) => (name === 'ref' ? reference : previous)[row] ?? Number.NaN)], row * width);
  return block;
}

const missing = (index: number, name: GroupColumn): ExperimentError =>
  new ExperimentError(
    `groups[${index}].rewards`,
    `is missing, and the objective reads ${name}. Give every group rewards: one for each response.`,
  );

const ofRewards: readonly GroupColumn[] = ['reward', 'mean_reward', 'reward_deviation', 'lowest_reward', 'batch_mean', 'batch_deviation'];

/** Throws an ExperimentError for the first group without what the objective reads of it. */
export function validateGroupInputs(
  { inputs }: Pick<CompiledGroupObjective, 'inputs'>,
  groups: readonly Pick<Group | OrderedGroup, 'rewards' | 'responses' | 'opponents'>[],
): void {
  for (const [index, { opponents, responses }] of groups.entries())
    if (opponents !== undefined && responses.length > 1) assertInteger(`groups[${index}].opponents`, opponents, 1, responses.length);
  const name = inputs.find((input) => ofRewards.includes(input));
  const index = groups.findIndex(({ rewards }) => !rewards);
  if (name && index >= 0) throw missing(index, name);
}

/** [N, 3] each response's group, that group's first response, and the one after its last. */
export function membershipOf(groups: readonly OrderedGroup[]): Uint32Array {
  const rows: number[] = [];
  let first = 0;
  for (const [index, { responses }] of groups.entries()) {
    for (const _ of responses) rows.push(index, first, first + responses.length);
    first += responses.length;
  }
  return Uint32Array.from(rows);
}
