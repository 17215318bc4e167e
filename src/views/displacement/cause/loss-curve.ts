import { forcesOf, type PageChoice, type PairState, stateAtMargin } from '../../../shell/losses/objective-view.ts';

/** Points of the curve. */
const points = 33;

/** A loss over the gap, in a picture of 72 × 36 pixels. */
export interface LossCurve {
  readonly line: string;
  /** where a gap lies on it */
  dotAt(gap: number): readonly [x: number, y: number];
}

function curveOf(objective: PageChoice, { refChosen, refRejected }: PairState, end: number): LossCurve {
  const forces = forcesOf(objective);
  const lossAt = (gap: number): number => forces(stateAtMargin(refChosen, refRejected, gap)).loss;
  const [from, to] = [Math.min(-2, 1.1 * end), Math.max(4, 1.1 * end)];
  const values = Array.from({ length: points }, (_, k) => lossAt(from + ((to - from) * k) / (points - 1)));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  /** of a run that has diverged the losses are too large for their difference, or for a number: they stand at an edge */
  const y = (value: number): number => {
    const share = (value - low) / (high - low || 1);
    return 32 - 26 * (Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share)));
  };
  return {
    line: `M${values.map((value, k) => `${4 + 2 * k} ${y(value)}`).join('L')}`,
    dotAt: (gap) => [4 + (64 * (gap - from)) / (to - from), y(lossAt(gap))],
  };
}

/** Gives the curve of a loss up to the gap at a run's end: the one that it gave last where that has not changed, as at every step of a run. */
export function lossCurves(): (objective: PageChoice, start: PairState, end: number) => LossCurve {
  let last: { readonly of: readonly unknown[]; readonly curve: LossCurve } | null = null;
  return (objective, start, end) => {
    const of = [objective, start.refChosen, start.refRejected, end];
    if (!last?.of.every((value, k) => value === of[k])) last = { of, curve: curveOf(objective, start, end) };
    return last.curve;
  };
}
