import type { Backend, TokenStorages } from '../../src/backend/backend.ts';
import { itemSize } from '../../src/backend/group-items.ts';
import { differentiate } from '../../src/core/expression/differentiate.ts';
import { toProgram } from '../../src/core/expression/program.ts';
import type { CompiledGroupObjective } from '../../src/index.ts';
import { type GroupColumn, nameOf, type TokenColumn, tokenColumns } from '../../src/objectives/group-inputs.ts';
import { joins, reductionName, tokenSumName } from '../../src/objectives/group-loss.ts';
import { type Bounded, float32Bounds } from './float32-bounds.ts';

/** Most tokens of a response. */
const positions = 8;

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
  const lengths = rewards.map(() => 1 + Math.floor(positions * random()));
  return rewards.map((reward, index) => ({
    logp: between(-scale, -0.05),
    ref: between(-scale, -0.05),
    prev: between(-scale, -0.05),
    len: lengths[index] ?? 1,
    reward,
    place: index + 1,
    rank: ranks[index] ?? 1,
    count: size,
    ordered_pairs: pairs,
    mean_reward: Math.fround(mean),
    reward_deviation: Math.fround(Math.sqrt(variance)),
    lowest_reward: rewards.at(-1) ?? 0,
    opponent: index % 2,
    opponents: Math.floor(size / 2),
    // as of a group that is the only one
    batch_mean: Math.fround(mean),
    batch_deviation: Math.fround(Math.sqrt(variance)),
    batch_size: size,
    mean_tokens: lengths.reduce((sum, length) => sum + length, 0),
    best_tokens: lengths[0] ?? 1,
    longest: Math.max(...lengths),
  }));
}

/** What is known of one token of a response. */
type TokenValues = Readonly<Record<TokenColumn | 'logp', number>>;
/** The tokens of a response: all but the first are the same in every response, and the first has what is left of each sum. */
function tokensOf(values: ResponseValues): TokenValues[] {
  const others = Array.from({ length: values.len - 1 }, (_, t) => ({ logp: -0.25 - (t % 3) / 4, ref: -0.5, prev: -0.375 - (t % 2) / 4 }));
  const rest = (name: TokenColumn | 'logp') => others.reduce((left, other) => left - other[name], values[name]);
  return [{ logp: rest('logp'), ref: rest('ref'), prev: rest('prev') }, ...others];
}

/** Losses [groups] and slopes of the groups' losses, times their shares in the mean, by every log-prob; by the engine's kernel. Of an
 * objective that sums over tokens `slopes` are those by each response's first token, and `tokenSlopes` those by all of them. */
export async function evaluateGroups(
  backend: Backend,
  objective: CompiledGroupObjective,
  groups: readonly GroupValues[],
  shares: readonly number[] = groups.map(() => 1), // the slopes come back unscaled
) {
  const all = groups.flat();
  const firsts = groups.map((_, index) => groups.slice(0, index).reduce((sum, { length }) => sum + length, 0));
  const membership = groups.flatMap((group, index) => {
    const first = firsts[index] ?? 0;
    return group.flatMap(() => [index, first, first + group.length]);
  });
  const [losses, slopes] = [backend.allocate('float', groups.length), backend.allocate('float', all.length)];
  const rows = objective.tokenSums > 0 ? all.length * positions : 0;
  const results = backend.allocate('float', groups.length + all.length + rows);
  const rowsOf = (row: (token: TokenValues | undefined) => number[]) =>
    Float64Array.from(all.flatMap((values) => Array.from({ length: positions }, (_, t) => row(tokensOf(values)[t])).flat()));
  const tokens: TokenStorages | null =
    rows === 0
      ? null
      : {
          positions,
          tokenLogps: backend.upload(rowsOf((token) => [token?.logp ?? 0])),
          tokenInputs: backend.upload(
            rowsOf((token) => [token ? 1 : 0, ...objective.tokenInputs.map((name) => token?.[name] ?? Number.NaN)]),
          ),
          tokenSums: backend.allocate('float', 2 * all.length * objective.tokenSums),
          tokenSlopes: backend.allocate('float', rows),
        };
  const { groupLosses } = await backend.further();
  groupLosses({
    responses: all.length,
    objective,
    objectiveParameters: backend.upload(Float64Array.from([...objective.parameterValues, 0])),
    logps: backend.upload(Float64Array.from(all, ({ logp }) => logp)),
    groupInputs: backend.upload(Float64Array.from([...all.flatMap((values) => objective.inputs.map((name) => values[name])), 0])),
    membership: backend.upload(Uint32Array.from(membership)),
    shares: backend.upload(Float64Array.from(shares)),
    items: backend.allocate('float', all.length * itemSize(objective)),
    losses,
    slopes,
    tokens,
  });
  backend.copy(losses, results, 0);
  backend.copy(slopes, results, groups.length);
  if (tokens) backend.copy(tokens.tokenSlopes, results, groups.length + all.length);
  const values = await backend.read(results);
  const [ofResponses, ofTokens] = [values.subarray(groups.length), values.subarray(groups.length + all.length)];
  const tokenSlopes = groups.map((group, index) =>
    group.map(({ len }, place) => [...ofTokens.subarray(((firsts[index] ?? 0) + place) * positions).subarray(0, rows && len)]),
  );
  const read = groups.map(({ length }, index) =>
    rows > 0
      ? (tokenSlopes[index] ?? []).map(([slope = Number.NaN]) => slope)
      : [...ofResponses.subarray(firsts[index]).subarray(0, length)],
  );
  return { losses: [...values.subarray(0, groups.length)], slopes: read, tokenSlopes: tokenSlopes.map((each) => each.flat()) };
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
  const sumNames = loss.tokenTerms.map((_, n) => tokenSumName(n));
  const bySums = [...names, ...sumNames].map((name) => differentiate(loss.item, name));
  const item = toProgram([loss.item, differentiate(loss.item, 'logp_i'), ...bySums]);
  // value, by the token, by the response, of each token of each response
  const tokenTerms = loss.tokenTerms.map((term) => {
    const program = toProgram([term, differentiate(term, 'logp_t'), differentiate(term, 'logp_i')]);
    return group.map((values, i) =>
      tokensOf(values).map((token) => {
        const point = Object.fromEntries((['logp', ...tokenColumns] as const).map((name) => [`${name}_t`, token[name]]));
        const rounded = Object.fromEntries(Object.entries(point).map(([name, value]) => [name, roundoff * Math.abs(value)]));
        return float32Bounds(program, { ...pointOf(i), ...point }, rounded) as [Bounded, Bounded, Bounded];
      }),
    );
  });
  const overTokens = group.map((_, i) => tokenTerms.map((terms) => plus((terms[i] ?? []).map(([value]) => value))));
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
    const sums = [...names.map((name, m) => [name, own[m]] as const), ...sumNames.map((name, n) => [name, overTokens[i]?.[n]] as const)];
    const values = Object.fromEntries(sums.map(([name, sum]) => [name, sum?.value ?? 0]));
    const errors = Object.fromEntries(sums.map(([name, sum]) => [name, sum?.error ?? 0]));
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
  const bySumOf = (n: number, k: number) => items[k]?.[2 + names.length + n] as Bounded;
  const slopes = group.map((_, k) => {
    const parts = [items[k]?.[1] as Bounded];
    for (const [n, terms] of tokenTerms.entries()) parts.push(times(bySumOf(n, k), plus((terms[k] ?? []).map(([, , byOwn]) => byOwn))));
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
  const tokenSlopes = group.map((values, k) =>
    tokensOf(values).map((_, t) =>
      plus([slopes[k] as Bounded, ...tokenTerms.map((terms, n) => times(bySumOf(n, k), terms[k]?.[t]?.[1] as Bounded))]),
    ),
  );
  return {
    loss: plus(items.map(([own]) => own as Bounded)),
    ...(sumNames.length > 0
      ? { slopes: tokenSlopes.map(([first]) => first as Bounded), tokenSlopes: tokenSlopes.flat() }
      : { slopes, tokenSlopes: [] }),
  };
}
