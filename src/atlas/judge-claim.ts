import type { Engine } from '../train/engine.ts';
import type { Bound, Column, Comparison, Limit, StudyClaim, StudyTable } from './study.ts';
import { judgeMean, judgeQuantile, judgeQuantileGap, judgeShare, quantileOf, type VerdictKind } from './verdict.ts';

export interface ClaimResult {
  readonly id: string;
  readonly verdict: VerdictKind;
  /** `left` less `right`, seed by seed; for a quantile, the one number that is compared with the bound */
  readonly values: readonly number[];
  /** values on the right side of the bound */
  readonly reached: number;
}

const columnOf = (table: StudyTable, [arm, measure]: Column<string, string>): readonly number[] => table[arm]?.[measure] ?? [];

/** A bound's limit on an engine. */
export const limitOn = (bound: Bound, backend: Engine['backend']): number => {
  const limit: Limit = 'atLeast' in bound ? bound.atLeast : bound.atMost;
  return typeof limit === 'number' ? limit : limit[backend];
};

/** A claim's comparisons, its first before the further ones. */
export const comparisonsOf = ({ left, right, and = [] }: Pick<StudyClaim, 'left' | 'right' | 'and'>): Comparison[] => [
  { left, ...(right ? { right } : {}) },
  ...and,
];

const differencesOf = ({ left, right }: Comparison, table: StudyTable): number[] => {
  const [a, b] = [columnOf(table, left), right ? columnOf(table, right) : null];
  return a.map((value, seed) => value - (b ? (b[seed] ?? Number.NaN) : 0));
};

/** What a claim compares with its bound: of several comparisons, seed by seed the one that is nearest to failing. */
export function valuesOf(claim: Pick<StudyClaim, 'left' | 'right' | 'and' | 'by' | 'bound'>, table: StudyTable): number[] {
  const { left, right, by, bound } = claim;
  if (typeof by === 'object' && 'quantile' in by)
    return [quantileOf(columnOf(table, left), by.quantile) - (right ? quantileOf(columnOf(table, right), by.quantile) : 0)];
  const worst = 'atLeast' in bound ? Math.min : Math.max;
  return comparisonsOf(claim)
    .map((comparison) => differencesOf(comparison, table))
    .reduce((all, values) => all.map((value, seed) => worst(value, values[seed] ?? Number.NaN)));
}

/**
 * Judges a claim by exact bounds, 95 % each way, on the engine that filled the table. A run that diverged reaches nothing, and leaves a
 * mean or a quantile undecided.
 */
export function judgeClaim(claim: StudyClaim, table: StudyTable, backend: Engine['backend'] = 'cpu'): ClaimResult {
  const { by, bound, left, right } = claim;
  const sign = 'atLeast' in bound ? 1 : -1;
  const threshold = sign * limitOn(bound, backend);
  const values = valuesOf(claim, table);
  const turned = values.map((value) => sign * value);
  const reached = turned.filter((value) => value >= threshold).length;
  const verdict = ((): VerdictKind => {
    if (by === 'each') return reached === values.length ? 'holds' : 'does not hold';
    if (typeof by === 'object' && 'share' in by) return judgeShare(reached, values.length, by.share);
    if (by === 'mean') return turned.every(Number.isFinite) ? judgeMean(turned, threshold) : 'inconclusive';
    const columns = [left, ...(right ? [right] : [])].map((column) => columnOf(table, column).map((value) => sign * value));
    if (!columns.flat().every(Number.isFinite)) return 'inconclusive';
    const part = sign === 1 ? by.quantile : 1 - by.quantile;
    const [a = [], b] = columns;
    return b ? judgeQuantileGap(a, b, part, threshold) : judgeQuantile(a, part, threshold);
  })();
  return { id: claim.id, verdict, values, reached };
}
