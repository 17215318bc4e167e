import { joins } from '../../objectives/group-loss.ts';
import type { FurtherKernels, TokenStorages } from '../backend.ts';
import { itemSize } from '../group-items.ts';
import { rowStats } from './row_stats.ts';
import { floats, indices } from './storage.ts';

type Task = Parameters<FurtherKernels['groupLosses']>[0];
/** the term of reduction m for responses i and j, to be read before the next is asked for */
type Terms = (m: number, i: number, j: number) => ReturnType<Task['objective']['term']>;
/** Responses of a group whose terms are kept: a million numbers of each kind. */
const mostKept = 1024;

/** Twin of shaders/group_losses.wgsl. */
export const groupLosses: FurtherKernels['groupLosses'] = (task) => {
  const { responses, objective } = task;
  const { reductions } = objective;
  const logp = floats(task.logps);
  const input = floats(task.groupInputs);
  const membership = indices(task.membership);
  const shares = floats(task.shares);
  const items = floats(task.items);
  const losses = floats(task.losses);
  const slopes = floats(task.slopes);
  const width = objective.inputs.length;
  const size = itemSize(objective);
  const tokens = task.tokens ? readTokens(task, task.tokens) : null;

  // [N, 1 + inputs] each response's log-prob before what else is read of it
  const values = new Float64Array(responses * (1 + width));
  const rows = Array.from({ length: responses }, (_, i) => values.subarray(i * (1 + width), (i + 1) * (1 + width)));
  for (let i = 0; i < responses; i++) {
    values[i * (1 + width)] = logp[i] as number;
    for (let column = 0; column < width; column++) values[i * (1 + width) + 1 + column] = input[i * width + column] as number;
  }
  const of = (i: number): ArrayLike<number> => rows[i] ?? [];
  const bounds = (i: number) => [membership[3 * i + 1] as number, membership[3 * i + 2] as number] as const;

  /** Both passes read a term: those of the present group are kept, where it is no huge one. */
  const termsOf = (first: number, end: number): Terms => {
    const count = end - first;
    if (count > mostKept) return (m, i, j) => objective.term(m, of(i), of(j));
    const kept = new Float64Array(3 * reductions.length * count * count);
    const isKept = new Uint8Array(kept.length / 3);
    const term = { value: Number.NaN, byOwn: Number.NaN, byOther: Number.NaN }; // the same at each call
    return (m, i, j) => {
      const place = (m * count + i - first) * count + j - first;
      if (isKept[place] === 0) {
        const { value, byOwn, byOther } = objective.term(m, of(i), of(j));
        kept.set([value, byOwn, byOther], 3 * place);
        isKept[place] = 1;
      }
      term.value = kept[3 * place] as number;
      term.byOwn = kept[3 * place + 1] as number;
      term.byOther = kept[3 * place + 2] as number;
      return term;
    };
  };

  const reduceItem = (term: Terms, i: number): void => {
    const [first, end] = bounds(i);
    const reduced = reductions.map(({ operator, range }, m) => {
      const terms: number[] = [];
      for (let j = first; j < end; j++) if (joins(range, i, j)) terms.push(term(m, i, j).value);
      if (operator === 'sum') return terms.reduce((sum, term) => sum + term, 0);
      const [peak, rest] = rowStats(Float64Array.from(terms), 0, terms.length);
      return peak + rest;
    });
    const [overTokens, byOwnOfTokens] = tokens?.sumsOf(i, of(i)) ?? [[], []];
    const item = objective.item(of(i), reduced, overTokens);
    let byOwn = item.byOwn;
    for (const [n, slope] of item.byTokens.entries()) if (slope !== 0) byOwn += slope * (byOwnOfTokens[n] as number);
    const share = shares[membership[3 * i] as number] as number;
    items.set([item.loss, byOwn], size * i);
    items.set(reduced, size * i + 2);
    items.set(item.byReduced, size * i + 2 + reductions.length);
    for (const [n, slope] of item.byTokens.entries()) items[size * i + 2 + 2 * reductions.length + n] = slope * share;
  };

  const pull = (m: number, i: number, value: number): number => {
    const adjoint = items[size * i + 2 + reductions.length + m] as number;
    if (reductions[m]?.operator !== 'lse' || adjoint === 0) return adjoint;
    return adjoint * Math.exp(Math.min(value - (items[size * i + 2 + m] as number), 0));
  };

  const slopeOf = (term: Terms, k: number): void => {
    const [first, end] = bounds(k);
    const group = membership[3 * k] as number;
    let slope = items[size * k + 1] as number;
    for (const [m, { range, carriesSlope }] of reductions.entries()) {
      if (!carriesSlope) continue;
      for (let j = first; j < end; j++) {
        if (joins(range, k, j)) {
          const { value, byOwn, byOther } = term(m, k, j);
          const factor = pull(m, k, value);
          if (factor !== 0) slope += factor * (j === k ? byOwn + byOther : byOwn);
        }
        if (j !== k && joins(range, j, k)) {
          const { value, byOther } = term(m, j, k);
          const factor = pull(m, j, value);
          if (factor !== 0) slope += factor * byOther;
        }
      }
    }
    slopes[k] = slope * (shares[group] as number);
    if (k !== first) return;
    let total = 0;
    for (let i = first; i < end; i++) total += items[size * i] as number;
    losses[group] = Number.isNaN(slope) ? Number.NaN : total;
  };

  for (let first = 0; first < responses; first = bounds(first)[1]) {
    const [, end] = bounds(first);
    const term = termsOf(first, end);
    for (let i = first; i < end; i++) reduceItem(term, i);
    for (let k = first; k < end; k++) slopeOf(term, k);
  }

  // a token's log-prob is a part of the response's, and of the sums over its tokens
  tokens?.eachCounted((i, row) => {
    let slope = slopes[i] as number;
    for (let n = 0; n < objective.tokenSums; n++) {
      const factor = items[size * i + 2 + 2 * reductions.length + n] as number;
      if (factor !== 0) slope += factor * objective.tokenTerm(n, of(i), tokens.of(row)).byToken;
    }
    tokens.slopes[row] = slope;
  });
};

/** The tokens of all responses, where a loss sums over them. */
function readTokens({ responses, objective }: Task, { positions, tokenLogps, tokenInputs, tokenSlopes }: TokenStorages) {
  const logp = floats(tokenLogps);
  const input = floats(tokenInputs);
  const width = 1 + objective.tokenInputs.length;
  const token = new Float64Array(width);
  /** the same array at each call */
  const of = (row: number): Float64Array => {
    token[0] = logp[row] as number;
    for (let column = 1; column < width; column++) token[column] = input[row * width + column] as number;
    return token;
  };
  const isThere = (row: number): boolean => input[row * width] !== 0;
  return {
    of,
    slopes: floats(tokenSlopes),
    /** the sums of response i, and the sums of their terms' derivatives by its log-prob */
    sumsOf(i: number, own: ArrayLike<number>): readonly [Float64Array, Float64Array] {
      const [sums, byOwn] = [new Float64Array(objective.tokenSums), new Float64Array(objective.tokenSums)];
      for (let row = i * positions; row < (i + 1) * positions; row++) {
        if (!isThere(row)) continue;
        const counted = of(row);
        for (let n = 0; n < objective.tokenSums; n++) {
          const term = objective.tokenTerm(n, own, counted);
          sums[n] = (sums[n] as number) + term.value;
          byOwn[n] = (byOwn[n] as number) + term.byOwn;
        }
      }
      return [sums, byOwn];
    },
    eachCounted(visit: (response: number, row: number) => void): void {
      for (let i = 0; i < responses; i++) for (let row = i * positions; row < (i + 1) * positions; row++) if (isThere(row)) visit(i, row);
    },
  };
}
