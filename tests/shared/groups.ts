import type { Backend } from '../../src/backend/backend.ts';
import { differentiate } from '../../src/core/expression/differentiate.ts';
import { toProgram } from '../../src/core/expression/program.ts';
import type { CompiledGroupObjective } from '../../src/index.ts';
import { type GroupColumn, nameOf } from '../../src/objectives/group-inputs.ts';
import { joins, reductionName } from '../../src/objectives/group-loss.ts';
import { type Bounded, float32Bounds } from './float32-bounds.ts';

/** One response as its columns; the responses of a group stand in their order. */
export type ResponseValues = Readonly<Record<GroupColumn | 'logp', number>>;
export type GroupValues = readonly ResponseValues[];

/** A group with float32 coordinates; about every third has equal rewards. Log-probs lie between -scale and 0. */
export function randomGroup(random: () => number, size: number, scale = 12): GroupValues {
  const between = (low: number, high: number) => Math.fround(low + (high - low) * random());
  const tied = random() < 0.3;
  const rewards = Array.from({ length: size }, () => (tied ? Math.round(between(-1, 1)) : between(-2, 2))).sort((a, b) => b - a);
  const ranks = rewards.map((reward) => 1 + rewards.filter((other) => other > reward).length);
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / size;
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / Math.max(1, size - 1);
  const pairs = ranks.reduce((count, rank) => count + ranks.filter((other) => other > rank).length, 0);
  return rewards.map((reward, index) => ({
    logp: between(-scale, -0.05),
    ref: between(-scale, -0.05),
    prev: between(-scale, -0.05),
    len: 1 + Math.floor(8 * random()),
    reward,
    place: index + 1,
    rank: ranks[index] ?? 1,
    count: size,
    ordered_pairs: pairs,
    mean_reward: Math.fround(mean),
    reward_deviation: Math.fround(Math.sqrt(variance)),
    lowest_reward: rewards.at(-1) ?? 0,
  }));
}

/** Losses [groups] and slopes of the groups' losses, times their shares in the mean, by every log-prob; by the engine's kernel. */
export async function evaluateGroups(
  backend: Backend,
  objective: CompiledGroupObjective,
  groups: readonly GroupValues[],
  weights: readonly number[] = groups.map(() => groups.length), // a share of 1: the slopes come back unscaled
) {
  const all = groups.flat();
  const firsts = groups.map((_, index) => groups.slice(0, index).reduce((sum, { length }) => sum + length, 0));
  const membership = groups.flatMap((group, index) => {
    const first = firsts[index] ?? 0;
    return group.flatMap(() => [index, first, first + group.length]);
  });
  const [losses, slopes] = [backend.allocate('float', groups.length), backend.allocate('float', all.length)];
  const results = backend.allocate('float', groups.length + all.length);
  const { groupLosses } = await backend.further();
  groupLosses({
    groups: groups.length,
    responses: all.length,
    objective,
    objectiveParameters: backend.upload(Float64Array.from([...objective.parameterValues, 0])),
    logps: backend.upload(Float64Array.from(all, ({ logp }) => logp)),
    groupInputs: backend.upload(Float64Array.from([...all.flatMap((values) => objective.inputs.map((name) => values[name])), 0])),
    membership: backend.upload(Uint32Array.from(membership)),
    weights: backend.upload(Float64Array.from(weights)),
    items: backend.allocate('float', all.length * (2 + 2 * objective.reductions.length)),
    losses,
    slopes,
  });
  backend.copy(losses, results, 0);
  backend.copy(slopes, results, groups.length);
  const values = await backend.read(results);
  const read = firsts.map((first, index) => [
    ...values.subarray(groups.length + first, groups.length + first + (groups[index]?.length ?? 0)),
  ]);
  return { losses: [...values.subarray(0, groups.length)], slopes: read };
}

const roundoff = 2 ** -24;
const plus = (parts: readonly Bounded[]): Bounded => {
  const [value, size] = parts.reduce(([sum, total], part) => [sum + part.value, total + Math.abs(part.value)], [0, 0]);
  return { value, error: parts.reduce((sum, { error }) => sum + error, 0) + parts.length * roundoff * size };
};
const times = (a: Bounded, b: Bounded): Bounded => ({
  value: a.value * b.value,
  error: Math.abs(a.value) * b.error + Math.abs(b.value) * a.error + a.error * b.error + 2 * roundoff * Math.abs(a.value * b.value),
});

/**
 * Running error analysis of shaders/group_losses.wgsl: loss and slopes of one group in float64, written as the definition, and how far a
 * float32 evaluation may be from them.
 */
export function groupBounds({ loss, inputs, parameterNames, parameterValues }: CompiledGroupObjective, group: GroupValues) {
  const parameters = Object.fromEntries(parameterNames.map((name, index) => [name, parameterValues[index] ?? 0]));
  const pointOf = (i: number, j = i) => {
    const names = ['logp', ...inputs] as const;
    const of = (index: number, letter: 'i' | 'j') => names.map((name) => [nameOf(name, letter), group[index]?.[name] ?? 0] as const);
    return { ...Object.fromEntries([...of(j, 'j'), ...of(i, 'i')]), ...parameters };
  };
  const terms = loss.reductions.map(({ term }) => toProgram([term, differentiate(term, 'logp_i'), differentiate(term, 'logp_j')]));
  const names = loss.reductions.map((_, m) => reductionName(m));
  const item = toProgram([loss.item, differentiate(loss.item, 'logp_i'), ...names.map((name) => differentiate(loss.item, name))]);
  const termOf = (m: number, i: number, j: number) => {
    const [value, byOwn, byOther] = float32Bounds(terms[m] as (typeof terms)[number], pointOf(i, j)) as [Bounded, Bounded, Bounded];
    return { value, byOwn, byOther };
  };
  const reduced = group.map((_, i) =>
    loss.reductions.map(({ operator, range }, m): Bounded => {
      const members = group.flatMap((_, j) => (joins(range, i, j) ? [termOf(m, i, j).value] : []));
      if (operator === 'sum') return plus(members);
      const peak = Math.max(...members.map(({ value }) => value));
      const value = peak + Math.log(members.reduce((sum, member) => sum + Math.exp(member.value - peak), 0));
      // the log-sum-exp moves by no more than its terms; each of up to K exponentials and the logarithm adds a few roundoffs, and so does
      // the sum with the peak
      const error =
        Math.max(...members.map((member) => member.error)) + roundoff * (16 * members.length + 2 * (Math.abs(value) + Math.abs(peak)));
      return { value, error };
    }),
  );
  const items = group.map((_, i) => {
    const own = reduced[i] ?? [];
    const values = Object.fromEntries(names.map((name, m) => [name, own[m]?.value ?? 0]));
    const errors = Object.fromEntries(names.map((name, m) => [name, own[m]?.error ?? 0]));
    return float32Bounds(item, { ...pointOf(i), ...values }, errors);
  });
  const pull = (m: number, i: number, { value, error }: Bounded): Bounded => {
    const adjoint = items[i]?.[2 + m] as Bounded;
    if (loss.reductions[m]?.operator === 'sum') return adjoint;
    const total = reduced[i]?.[m] as Bounded;
    const exponent = value - total.value;
    const share = Math.exp(exponent);
    const off = error + total.error + 2 * roundoff * (Math.abs(exponent) + 4);
    return times(adjoint, { value: share, error: share * Math.expm1(Math.min(off, 80)) + 1e-37 });
  };
  const slopes = group.map((_, k) => {
    const parts = [items[k]?.[1] as Bounded];
    for (const [m, { range }] of loss.reductions.entries())
      for (const j of group.keys()) {
        if (joins(range, k, j)) {
          const { value, byOwn, byOther } = termOf(m, k, j);
          parts.push(times(pull(m, k, value), j === k ? plus([byOwn, byOther]) : byOwn));
        }
        if (j !== k && joins(range, j, k)) {
          const { value, byOther } = termOf(m, j, k);
          parts.push(times(pull(m, j, value), byOther));
        }
      }
    return plus(parts);
  });
  return { loss: plus(items.map(([own]) => own as Bounded)), slopes };
}
