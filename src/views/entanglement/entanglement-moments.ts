import type { PairForces } from '../../atlas/toys/displacement/first-order.ts';
import type { GradientGeometry, MoveCase } from '../../atlas/toys/entanglement/entanglement-geometry.ts';
import { fixed, significant } from '../../shell/controls/format.ts';
import { type Moment, saturated } from '../../shell/runs/moment.ts';
import { caseTitles } from './entanglement-story.ts';

/** What the moments need of a state of the run. */
export interface EntangledStep extends GradientGeometry {
  readonly step: number;
  readonly case: MoveCase;
  readonly forces: PairForces;
  readonly cosine: number;
}

/** The two comparisons that decide the case, with their numbers. */
function inequality({ chosenGradNormSq, rejectedGradNormSq, innerProduct, forces }: EntangledStep): string {
  const compare = (a: number, b: number): string => `${significant(a)} ${a < b ? '<' : a > b ? '>' : '='} ${significant(b)}`;
  return (
    `d_w ‖g_w‖² against d_l I: ${compare(forces.chosen * chosenGradNormSq, forces.rejected * innerProduct)}; ` +
    `d_w I against d_l ‖g_l‖²: ${compare(forces.chosen * innerProduct, forces.rejected * rejectedGradNormSq)}.`
  );
}

/** Where the update's case changes, where the gradients pass the right angle, and where the pull is used up. */
export function entanglementMoments(steps: readonly EntangledStep[], isNormalised: boolean): Moment[] {
  const moments: Moment[] = [];
  const [start] = steps;
  let hasSaturated = false;
  for (const [index, now] of steps.entries()) {
    const before = steps[index - 1];
    if (now.case !== before?.case) moments.push({ step: now.step, title: caseTitles[now.case], words: inequality(now) });
    if (before && before.cosine * now.cosine < 0)
      moments.push({
        step: now.step,
        title: now.cosine > 0 ? 'The gradients now lean the same way' : 'The gradients now point apart',
        words: `I = ${significant(now.innerProduct)}, cosine ${fixed(now.cosine, 2)}: a small step along either ${now.cosine > 0 ? 'raises' : 'lowers'} the other answer.`,
      });
    if (!isNormalised && !hasSaturated && start && Math.abs(now.forces.chosen) < saturated * Math.abs(start.forces.chosen)) {
      hasSaturated = true;
      moments.push({
        step: now.step,
        title: 'The pull has faded',
        words: `d_w has fallen from ${significant(start.forces.chosen)} to ${significant(now.forces.chosen)}, below a tenth; d_l is ${significant(now.forces.rejected)} now, from ${significant(start.forces.rejected)}.`,
      });
    }
  }
  return moments;
}
