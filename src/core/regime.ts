/**
 * When an answer counts as moved, and what a run did: the one place that says so. Views, maps, legends, stories and exports ask here.
 * An answer falls or rises from five points of probability on, or from a tenth of a nat where log-probabilities are what is shown;
 * within that it stays. The thresholds are the page's own: arXiv:2410.08847, Definition 1, calls any fall of the chosen answer's
 * log-probability a displacement, if the loss falls as well.
 */
export const moved = { points: 0.05, nats: 0.1 } as const;

export type Move = 'falls' | 'stays' | 'rises';

const moveBeyond = (change: number, least: number): Move => (change <= -least ? 'falls' : change >= least ? 'rises' : 'stays');

/** How an answer moved, by its probabilities. Five points less rounding of the difference count as five points. */
export const moveOfProbability = (from: number, to: number): Move => moveBeyond(to - from, moved.points - 1e-12);

/** A state of a run with one pair on one prompt. A recorded step of a policy with a fixed list of answers is one. */
export interface RegimeState {
  readonly step: number;
  readonly loss: number;
  /** [K] probabilities of all answers */
  readonly probs?: readonly number[];
}

const at = ({ probs }: RegimeState, answer: number): number => probs?.[answer] ?? Number.NaN;

/** What the chosen answer's fall is called: the loss fell as well, or not. */
export const isDisplaced = (start: RegimeState, now: RegimeState, chosen: number): boolean =>
  now.loss < start.loss && moveOfProbability(at(start, chosen), at(now, chosen)) === 'falls';

/** A stretch of a run in which the chosen answer has fallen although the loss is below its start: its first and last update. */
export interface Displacement {
  readonly from: number;
  readonly to: number;
  /** what was displaced at its end: the last update of the run, or one before it, after which the answer came back, or the loss rose to its start */
  readonly kind: 'transient' | 'lasting';
}

/** The stretches of a run in which the chosen answer is displaced. `startOf`: another start for the parts of a forked run. */
export function displacementsOf(
  states: readonly RegimeState[],
  chosen: number,
  startOf: (state: RegimeState) => RegimeState | undefined = () => states[0],
): Displacement[] {
  const found: Displacement[] = [];
  let open: { from: number; to: number } | null = null;
  for (const state of states) {
    const start = startOf(state);
    if (start && isDisplaced(start, state, chosen)) {
      open ??= { from: state.step, to: state.step };
      open.to = state.step;
    } else if (open) {
      found.push({ ...open, kind: 'transient' });
      open = null;
    }
  }
  if (open) found.push({ ...open, kind: 'lasting' });
  return found;
}

/**
 * The first update after which an answer outside the pair that has gained five points stands above the chosen one, although it did not at
 * the start; null: none.
 */
export function overtakingOf(
  states: readonly RegimeState[],
  { chosen, rejected }: { readonly chosen: number; readonly rejected: number },
): { readonly step: number; readonly by: number } | null {
  const [start] = states;
  if (!start) return null;
  const below = (start.probs ?? []).map((_, answer) => answer).filter((answer) => at(start, answer) <= at(start, chosen));
  for (const state of states) {
    const above = below.filter(
      (answer) =>
        answer !== chosen &&
        answer !== rejected &&
        at(state, answer) > at(state, chosen) &&
        moveOfProbability(at(start, answer), at(state, answer)) === 'rises',
    );
    if (above.length > 0)
      return { step: state.step, by: above.reduce((best, answer) => (at(state, answer) > at(state, best) ? answer : best)) };
  }
  return null;
}

/** The lower and the upper end of a swing. */
export type Swing = readonly [low: number, high: number];

/**
 * Between which values a share still goes up and down, each time by more than five points, in the last quarter of its run; null: it does not. Its
 * value at the end then hangs on where the run is cut off: the step is too large for a kink of the loss, or for its curvature.
 */
export function swingOf(shares: readonly number[]): Swing | null {
  const quarter = shares.slice(Math.floor((shares.length - 1) * 0.75));
  let [way, turns, tip] = [0, 0, quarter[0] ?? Number.NaN];
  for (const share of quarter) {
    const gone = share - tip;
    if (way * gone > 0) tip = share;
    else if (Math.abs(gone) > moved.points) {
      if (way !== 0) turns++;
      [way, tip] = [Math.sign(gone), share];
    }
  }
  return turns >= 2 ? [Math.min(...quarter), Math.max(...quarter)] : null;
}
