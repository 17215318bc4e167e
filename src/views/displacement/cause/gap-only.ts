import { forcesOf, type PageChoice, type PairState } from '../../../shell/losses/objective-view.ts';

/** Nats by which both answers are moved, and gaps at which that is tried: a kink of a loss lies between some of them. */
const shifts = [-7, -1.3, -0.4] as const;
const gaps = [-3, 0, 0.7, 4, 12] as const;

/** Whether a loss of the pair is the same wherever the two are, as long as the gap between them is: tried, to a millionth. */
export function seesGapOnly(objective: PageChoice, { refChosen, refRejected }: PairState): boolean {
  const forces = forcesOf(objective);
  const at = (gap: number, shift: number): number => {
    const chosen = refChosen + Math.min(0, gap) + shift;
    return forces({ refChosen, refRejected, chosen, rejected: refRejected - Math.max(0, gap) + shift }).loss;
  };
  return gaps.every((gap) => shifts.every((shift) => Math.abs(at(gap, shift) - at(gap, 0)) <= 1e-6 * (1 + Math.abs(at(gap, 0)))));
}
