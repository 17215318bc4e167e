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

/** How an answer moved, by the change of its log-probability in nats. */
export const moveOfLogp = (change: number): Move => moveBeyond(change, moved.nats - 1e-12);

/** A state of a run with one pair on one prompt. */
export interface RegimeState {
  readonly step: number;
  readonly loss: number;
  /** [K] probabilities of all answers */
  readonly probs: readonly number[];
}

/** What a run did. Steps are update numbers. */
export interface RunRegime {
  /** where the chosen answer stands after the last update, against its start */
  readonly ends: Move;
  /** the loss stands below its start after the last update */
  readonly lossFell: boolean;
  /** the stretches in which the chosen answer has fallen although the loss is below its start; from the first to the last update of each */
  readonly displaced: readonly { readonly from: number; readonly to: number }[];
  /** lasting: displaced after the last update; transient: displaced before, and not any more */
  readonly displacement: 'none' | 'transient' | 'lasting';
  /** the first update after which another answer than the rejected one, having gained five points, stands above the chosen one, and which */
  readonly overtaken: { readonly step: number; readonly by: number } | null;
  /** the answer that has gained five points and stands highest above the chosen one after the last update */
  readonly takenOverBy: number | null;
  /** between which probabilities the chosen answer still swings in the last quarter of the run; null: it does not */
  readonly swing: readonly [low: number, high: number] | null;
}

/** The answer outside the pair that has gained five points and stands above the chosen one, the highest of them; null: none. */
export function overtaker(start: RegimeState, now: RegimeState, chosen: number, rejected: number): number | null {
  let best: number | null = null;
  now.probs.forEach((probability, answer) => {
    if (answer === chosen || answer === rejected) return;
    if (probability <= (now.probs[chosen] ?? Number.NaN) || moveOfProbability(start.probs[answer] ?? Number.NaN, probability) !== 'rises')
      return;
    if (best === null || probability > (now.probs[best] ?? Number.NaN)) best = answer;
  });
  return best;
}

/** The chosen answer has fallen although the loss has, too. */
export const isDisplaced = (start: RegimeState, now: RegimeState, chosen: number): boolean =>
  now.loss < start.loss && moveOfProbability(start.probs[chosen] ?? Number.NaN, now.probs[chosen] ?? Number.NaN) === 'falls';

/**
 * Between which values a share still goes up and down, by more than five points, in the last quarter of its run; null: it does not. Its
 * value at the end then hangs on where the run is cut off: the step is too large for a kink of the loss, or for its curvature.
 */
export function swingOf(shares: readonly number[]): readonly [low: number, high: number] | null {
  const quarter = shares.slice(Math.floor((shares.length - 1) * 0.75));
  const [low, high] = [Math.min(...quarter), Math.max(...quarter)];
  const ways = quarter.slice(1).map((share, place) => Math.sign(share - (quarter[place] ?? Number.NaN)));
  const turns = ways.filter((way, place) => place > 0 && way !== ways[place - 1]).length;
  return high - low > moved.points && turns >= 2 ? [low, high] : null;
}

/** What a run did, from its start to its last state; null where it has none. `startOf`: another start for parts of a forked run. */
export function regimeOfRun(
  states: readonly RegimeState[],
  { chosen, rejected }: { readonly chosen: number; readonly rejected: number },
  startOf?: (state: RegimeState) => RegimeState,
): RunRegime | null {
  const [start, last] = [states[0], states.at(-1)];
  if (!(start && last)) return null;
  const displaced: { from: number; to: number }[] = [];
  let before = false;
  let overtaken: RunRegime['overtaken'] = null;
  for (const state of states) {
    const is = isDisplaced(startOf?.(state) ?? start, state, chosen);
    const stretch = displaced.at(-1);
    if (is && before && stretch) stretch.to = state.step;
    else if (is) displaced.push({ from: state.step, to: state.step });
    before = is;
    if (overtaken) continue;
    const by = overtaker(start, state, chosen, rejected);
    if (by !== null) overtaken = { step: state.step, by };
  }
  return {
    ends: moveOfProbability(start.probs[chosen] ?? Number.NaN, last.probs[chosen] ?? Number.NaN),
    lossFell: last.loss < (startOf?.(last) ?? start).loss,
    displaced,
    displacement: displaced.length === 0 ? 'none' : before ? 'lasting' : 'transient',
    overtaken,
    takenOverBy: overtaker(start, last, chosen, rejected),
    swing: swingOf(states.map(({ probs }) => probs[chosen] ?? Number.NaN)),
  };
}
