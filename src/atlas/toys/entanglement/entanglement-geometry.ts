import type { PairDiagnosis } from '../../../core/experiment.ts';
import { objectives } from '../../../objectives/catalogue.ts';
import type { Objective } from '../../../objectives/objective.ts';
import type { PairForces } from '../displacement/first-order.ts';

/** The two gradients of a pair: what decides which way both answers move. */
export type GradientGeometry = Pick<PairDiagnosis, 'chosenGradNormSq' | 'rejectedGradNormSq' | 'innerProduct'>;

/** What a small step does to both log-probs. `reversed` needs an objective that pushes the margin down; `still`: it pushes nothing. */
export type MoveCase = 'ideal' | 'both-down' | 'both-up' | 'reversed' | 'still';

/**
 * d log π(y_w) / dη and d log π(y_l) / dη of a step along d_w g_w - d_l g_l:
 *   d_w ‖g_w‖² - d_l I  and  d_w I - d_l ‖g_l‖²
 * (arXiv:2410.13828, equations 4 and 5, for d_w = d_l).
 */
export function firstOrderMove({ chosenGradNormSq, rejectedGradNormSq, innerProduct }: GradientGeometry, forces: PairForces): PairForces {
  return {
    chosen: forces.chosen * chosenGradNormSq - forces.rejected * innerProduct,
    rejected: forces.chosen * innerProduct - forces.rejected * rejectedGradNormSq,
  };
}

export function caseOf({ chosen, rejected }: PairForces): MoveCase {
  if (chosen === 0 && rejected === 0) return 'still';
  if (chosen >= 0 && rejected <= 0) return 'ideal';
  if (chosen <= 0 && rejected >= 0) return 'reversed';
  return chosen < 0 ? 'both-down' : 'both-up';
}

/**
 * The open interval of d_w/d_l in which a step raises the chosen and lowers the rejected answer, for d_w, d_l > 0: below it both fall,
 * above it both rise. Where I ≤ 0 every ratio does. Never empty unless the gradients are parallel, as I² < ‖g_w‖² ‖g_l‖².
 */
export function admissibleRatios({ chosenGradNormSq, rejectedGradNormSq, innerProduct }: GradientGeometry): { from: number; to: number } {
  return innerProduct > 0
    ? { from: innerProduct / chosenGradNormSq, to: rejectedGradNormSq / innerProduct }
    : { from: 0, to: Number.POSITIVE_INFINITY };
}

/** The forces of the normalised pair update, 1/‖g_w‖ and 1/‖g_l‖; their ratio is the geometric mean of the admissible interval. */
export const normalisedForces = ({ chosenGradNormSq, rejectedGradNormSq }: GradientGeometry): PairForces => ({
  chosen: 1 / Math.sqrt(chosenGradNormSq),
  rejected: 1 / Math.sqrt(rejectedGradNormSq),
});

/** Objectives of the catalogue that pull with the same ratio, to the three digits that are shown. */
export interface RatioGroup {
  /** d_w/d_l: 0 where only the rejected answer is pushed, Infinity where only the chosen one is pulled */
  readonly ratio: number;
  readonly objectives: readonly Objective[];
}

/** Where every objective of the catalogue stands on the axis of d_w/d_l, and those that do not. */
export interface RatioMarks {
  /** in ascending ratio */
  readonly groups: readonly RatioGroup[];
  /** push nothing at this pair */
  readonly still: readonly Objective[];
  /** push the chosen answer down or pull the rejected one up: the interval is not about them */
  readonly off: readonly Objective[];
}

const rounded = (ratio: number): number => (Number.isFinite(ratio) ? Number(ratio.toPrecision(3)) : ratio);

/** Groups the catalogue by the ratio of its forces. */
export function ratioMarks(forcesOf: (objective: Objective) => PairForces): RatioMarks {
  const groups = new Map<number, Objective[]>();
  const still: Objective[] = [];
  const off: Objective[] = [];
  for (const objective of objectives) {
    const { chosen, rejected } = forcesOf(objective);
    if (chosen === 0 && rejected === 0) still.push(objective);
    else if (chosen >= 0 && rejected >= 0) {
      const ratio = rejected === 0 ? Number.POSITIVE_INFINITY : rounded(chosen / rejected); // -0 is no direction
      groups.set(ratio, [...(groups.get(ratio) ?? []), objective]);
    } else off.push(objective);
  }
  return {
    groups: [...groups].sort(([a], [b]) => a - b).map(([ratio, members]) => ({ ratio, objectives: members })),
    still,
    off,
  };
}

const withoutRemark = (name: string): string => name.replace(/ \(.*/, '');
const timesUsed = new Map<string, number>();
for (const { name } of objectives) timesUsed.set(withoutRemark(name), (timesUsed.get(withoutRemark(name)) ?? 0) + 1);

/** An objective's name without what stands in brackets, where that is no other's. */
export const briefName = ({ name }: Pick<Objective, 'name'>): string =>
  timesUsed.get(withoutRemark(name)) === 1 ? withoutRemark(name) : name;
