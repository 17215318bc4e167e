import { mean } from '../../../core/numerics.ts';
import { type CompiledObjective, compileObjective } from '../../../objectives/compile.ts';
import type { PairConstant } from '../../../objectives/inputs.ts';
import { expandChoice } from '../../../objectives/resolve.ts';
import { nameInFull, type PageChoice, viewObjective } from '../../../shell/losses/objective-view.ts';

interface Sides {
  readonly chosen: ArrayLike<number>;
  readonly rejected: ArrayLike<number>;
}

/** What is known of pairs: log-probs in nats, summed over tokens, and tokens. */
export interface PairNumbers extends Sides {
  /** null where there is none */
  readonly reference: Sides | null;
  readonly lengths: Sides | null;
  /** [n] ⟨∇ log π(y_w), ∇ log π(y_l)⟩ ÷ ‖∇ log π(y_w)‖², or what stands for it; NaN where a pair's is not known */
  readonly overlaps: ArrayLike<number> | null;
}

export type Missing = 'reference' | 'lengths';

/** A loss at the pairs' log-probs. */
export interface LossForces {
  /** null where `missing` says why */
  readonly found: {
    /** mean of the loss, nats */
    readonly loss: number;
    /** mean of -∂loss/∂log π(y_w): above 0 the chosen response is pulled up */
    readonly onChosen: number;
    /** the same of the rejected one: below 0 it is pushed down */
    readonly onRejected: number;
    /**
     * median over the pairs of the overlap below which a first small step on a pair alone raises its chosen response; ∞: at any above 0;
     * -∞: most pairs' rises below none
     */
    readonly limit: number;
    /** where `limit` is -∞, the median of the overlap above which it rises, as past a target; ∞: above none; else null */
    readonly above: number | null;
    /** pairs whose chosen response such a step raises, and pairs whose overlap is known; null without overlaps */
    readonly raised: { readonly count: number; readonly of: number } | null;
  } | null;
  readonly missing: readonly Missing[];
}

/** Pairs that are computed: what follows from more of them would not be seen to differ, and takes longer than a frame. */
export const mostCompared = 4096;

/** The losses that are compared, with their parameters; of those with a reference β is the reader's. */
export const comparedLosses = (beta: number): readonly PageChoice[] => [
  { name: 'dpo', params: { beta } },
  { name: 'ipo', params: { beta } },
  { name: 'simpo', params: { beta: 2, gamma: 0.5 } },
  { name: 'orpo', params: { lambda: 0.1 } },
  { name: 'cpo', params: { beta: 0.1 } },
  { name: 'rpo', params: { beta, alpha: 0.1 } },
  { name: 'dpop', params: { beta, lambda: 50 } },
  { name: 'kto', params: { beta } },
];

/** Values of an input, pair by pair; the one of the whole batch is that of the pairs that are compared. */
function columnOf(input: PairConstant, { chosen, rejected, reference, lengths }: PairNumbers, rows: readonly number[]) {
  const of = (values: ArrayLike<number> | undefined): number[] | null => (values ? rows.map((row) => values[row] ?? Number.NaN) : null);
  switch (input) {
    case 'ref_w':
      return of(reference?.chosen);
    case 'ref_l':
      return of(reference?.rejected);
    case 'len_w':
      return of(lengths?.chosen);
    case 'len_l':
      return of(lengths?.rejected);
    case 'mean_len_w': {
      const tokens = of(lengths?.chosen);
      return tokens?.map(() => mean(tokens)) ?? null;
    }
    case 'kl_baseline': {
      const [w, l] = [of(reference?.chosen), of(reference?.rejected)];
      if (!w || !l) return null;
      const ratios = rows.flatMap((row, i) => [(chosen[row] ?? 0) - (w[i] ?? 0), (rejected[row] ?? 0) - (l[i] ?? 0)]);
      return rows.map(() => Math.max(0, mean(ratios)));
    }
    default:
      throw new Error(`No column of log-probs is '${input}'.`);
  }
}

const missingOf = (input: PairConstant): Missing => (input.includes('len') ? 'lengths' : 'reference');

/** Above which overlap a step that pulls by these no longer raises the chosen response; -∞ where none is low enough. */
function limitOf(onChosen: number, onRejected: number): number {
  if (onRejected < 0) return onChosen / -onRejected;
  return onChosen > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

/** Above which overlap a step that pushes chosen down raises it all the same, since it pulls rejected up; ∞ where it does not. */
const floorOf = (onChosen: number, onRejected: number): number => (onRejected > 0 ? -onChosen / onRejected : Number.POSITIVE_INFINITY);

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === high ? low : (low + high) / 2;
}

/** Rows that are compared: all, or so many of them at equal distances. */
export function comparedRows(pairs: number): number[] {
  const count = Math.min(pairs, mostCompared);
  return Array.from({ length: count }, (_, i) => Math.floor((i * pairs) / count));
}

export function forcesOf(objective: CompiledObjective, numbers: PairNumbers): LossForces {
  const rows = comparedRows(numbers.chosen.length);
  const columns = objective.inputs.map((input) => columnOf(input, numbers, rows));
  const missing = [...new Set(objective.inputs.filter((_, i) => columns[i] === null).map(missingOf))];
  if (missing.length > 0 || rows.length === 0) return { found: null, missing };
  const results = rows.map((row, i) => {
    const given = columns.map((column) => column?.[i] ?? Number.NaN);
    return objective.evaluate(numbers.chosen[row] ?? Number.NaN, numbers.rejected[row] ?? Number.NaN, given);
  });
  const overlaps = numbers.overlaps && rows.map((row) => numbers.overlaps?.[row] ?? Number.NaN);
  const limits = results.map(({ byChosen, byRejected }) => limitOf(-byChosen, -byRejected));
  const limit = medianOf(limits);
  const lowest = results.filter((_, i) => limits[i] === Number.NEGATIVE_INFINITY);
  return {
    missing,
    found: {
      loss: mean(results.map(({ loss }) => loss)),
      onChosen: -mean(results.map(({ byChosen }) => byChosen)),
      onRejected: -mean(results.map(({ byRejected }) => byRejected)),
      limit,
      above:
        limit === Number.NEGATIVE_INFINITY ? medianOf(lowest.map(({ byChosen, byRejected }) => floorOf(-byChosen, -byRejected))) : null,
      raised: overlaps && {
        // the rate at which log π(y_w) changes, divided by ‖∇ log π(y_w)‖²
        count: results.filter(({ byChosen, byRejected }, i) => -byChosen - byRejected * (overlaps[i] ?? Number.NaN) > 0).length,
        of: overlaps.filter((overlap) => !Number.isNaN(overlap)).length,
      },
    },
  };
}

/** A loss of the list with what it is called. */
export interface ComparedLoss extends LossForces {
  readonly choice: PageChoice;
  readonly called: string;
  readonly inFull: string;
}

/** Every loss of the list at the pairs' log-probs, float64; the one that raises most chosen responses first, or has the highest limit. */
export function compareLosses(numbers: PairNumbers, beta: number): ComparedLoss[] {
  const rank = ({ found }: LossForces): readonly [number, number] =>
    found ? [found.raised?.count ?? 0, found.limit] : [-1, Number.NEGATIVE_INFINITY];
  return comparedLosses(beta)
    .map((choice) => {
      const { loss, values, ldAlpha } = expandChoice(choice);
      const view = viewObjective(choice);
      return {
        choice,
        called: view.title.replace(/ \(.*\)$/, ''),
        inFull: nameInFull(view),
        ...forcesOf(compileObjective(loss, values, ldAlpha), numbers),
      };
    })
    .sort((a, b) => {
      const [[raisedA, limitA], [raisedB, limitB]] = [rank(a), rank(b)];
      return raisedB - raisedA || (limitA === limitB ? 0 : limitB - limitA);
    });
}
