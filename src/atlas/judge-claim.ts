import type { Column, StudyClaim, StudyTable } from './study.ts';
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

/** What a claim compares with its bound. */
export function valuesOf({ left, right, by }: Pick<StudyClaim, 'left' | 'right' | 'by'>, table: StudyTable): number[] {
  const [a, b] = [columnOf(table, left), right ? columnOf(table, right) : null];
  if (typeof by === 'object' && 'quantile' in by) return [quantileOf(a, by.quantile) - (b ? quantileOf(b, by.quantile) : 0)];
  return a.map((value, seed) => value - (b ? (b[seed] ?? Number.NaN) : 0));
}

/** Judges a claim by exact bounds, 95 % each way. A run that diverged reaches nothing, and leaves a mean or a quantile undecided. */
export function judgeClaim(claim: StudyClaim, table: StudyTable): ClaimResult {
  const { by, bound, left, right } = claim;
  const [sign, threshold] = 'atLeast' in bound ? [1, bound.atLeast] : [-1, -bound.atMost];
  const values = valuesOf(claim, table);
  const turned = values.map((value) => sign * value);
  const reached = turned.filter((value) => value >= threshold).length;
  const verdict = ((): VerdictKind => {
    if (by === 'each') return reached === values.length ? 'holds' : 'does not hold';
    if (typeof by === 'object' && 'share' in by) return judgeShare(reached, values.length, by.share);
    const columns = [left, ...(right ? [right] : [])].map((column) => columnOf(table, column).map((value) => sign * value));
    if (!columns.flat().every(Number.isFinite)) return 'inconclusive';
    if (by === 'mean') return judgeMean(turned, threshold);
    const part = sign === 1 ? by.quantile : 1 - by.quantile;
    const [a = [], b] = columns;
    return b ? judgeQuantileGap(a, b, part, threshold) : judgeQuantile(a, part, threshold);
  })();
  return { id: claim.id, verdict, values, reached };
}
