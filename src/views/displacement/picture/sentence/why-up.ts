import { firstOrder, type PairForces } from '../../../../atlas/toys/displacement/first-order.ts';
import { partsOf, type ToySettings, toyPolicy, toyStart } from '../../../../atlas/toys/displacement/no-over-never.ts';
import { dot } from '../../../../core/vectors.ts';
import { fixed } from '../../../../shell/controls/format.ts';
import { wholePercent } from '../../../../shell/controls/whole-percent.ts';
import { forcesOf } from '../../../../shell/losses/objective-view.ts';
import type { Cast } from '../../story.ts';

/** What the two halves of the first update do to the log-probability of the chosen answer, to first order and before the step size. */
export interface Halves {
  /** of the pull on the chosen answer itself */
  readonly pull: number;
  /** of the push on the rejected one; below 0 it takes from the chosen one */
  readonly push: number;
}

const firstForces = (settings: ToySettings): PairForces => {
  const [first] = partsOf(settings); // a forked run began with another loss, perhaps
  return forcesOf(first.objective)(toyStart(settings.vectors));
};

/** Their sum is d log π(chosen)/dt at the start, as `firstOrder` has it: it is linear in the two forces. */
export function halvesOf(settings: ToySettings, { chosen, rejected }: Cast): Halves {
  const policy = toyPolicy(settings.scale, settings.train, settings.vectors);
  const forces = firstForces(settings);
  const rate = (pull: number, push: number): number =>
    firstOrder(policy, chosen, rejected, { chosen: pull, rejected: push }).rate[chosen] ?? Number.NaN;
  return { pull: rate(forces.chosen, 0), push: rate(0, forces.rejected) };
}

/**
 * The same in a later state, with its probabilities and the loss's forces there; null where more than the hidden vector is trained: the
 * answers' vectors are others then.
 */
export function laterHalvesOf(settings: ToySettings, cast: Cast, { probs, forces }: Later): Halves | null {
  if (settings.train !== 'hidden') return null;
  const { unembedding } = toyPolicy(settings.scale, settings.train, settings.vectors);
  const average = (unembedding[cast.chosen] ?? []).map((_, k) =>
    unembedding.reduce((sum, row, z) => sum + (probs[z] ?? 0) * (row[k] ?? 0), 0),
  );
  const [toChosen, toRejected] = [cast.chosen, cast.rejected].map((token) =>
    average.map((mean, k) => (unembedding[token]?.[k] ?? 0) - mean),
  );
  const along = (other: readonly number[] = []): number => dot(toChosen ?? [], other);
  return { pull: forces.chosen * along(toChosen), push: -forces.rejected * along(toRejected) };
}

/** A state after the start: its probabilities, and the loss's forces on the pair there. */
export interface Later {
  readonly probs: readonly number[];
  readonly forces: PairForces;
}

/** Which part of what the pull gives the push takes; null where one of them does not. */
const takenOf = (halves: Halves | null): number | null =>
  halves && halves.pull > 0 && halves.push < 0 ? -halves.push / halves.pull : null;

/** A share of a whole, which may be more than that: in whole percent, which the eye can compare. */
const part = (share: number): string =>
  share >= 9.995 ? `${fixed(share, 0)} times` : share > 1 ? `${fixed(100 * share, 0)}\u202f%` : wholePercent(share);

/** Less than this of the first push is left where it is said to fade. */
const faded = 0.5;

/**
 * Why the chosen answer does not fall: what follows a colon, in the piece before the rejected answer's name and the one behind it. Null where
 * neither half tells, or where at first the push takes more than the pull gives and has not faded since.
 */
export function whyUp(settings: ToySettings, before: ToySettings | null, cast: Cast, end: Later): readonly [string, string] | null {
  if (!(firstForces(settings).rejected > 0)) return null; // nothing pushes it down
  const halves = halvesOf(settings, cast);
  if (halves.pull > 0 && halves.push > 0) return ['at first even pushing ', ' down lifts it.'];
  const taken = takenOf(halves);
  if (taken === null) return null;
  const atEnd = taken < 1 ? '' : endWords(settings, cast, end);
  if (atEnd === null) return null;
  const was = before && takenOf(halvesOf(before, cast));
  const earlier = was === null || part(was) === part(taken) ? '' : ` (${part(was)} before)`;
  return ['pushing ', ` down takes ${taken < 1 ? 'only ' : ''}${part(taken)} of what its own pull gives at first${earlier}${atEnd}.`];
}

/** What has become of a push that took more than the pull gave; null: it still does. */
function endWords(settings: ToySettings, cast: Cast, end: Later): string | null {
  const atEnd = takenOf(laterHalvesOf(settings, cast, end));
  if (atEnd !== null && atEnd < 1) return `, ${part(atEnd)} at the end`;
  const left = end.forces.rejected / firstForces(settings).rejected;
  return Math.abs(left) < faded ? `; ${part(Math.max(0, left))} of that push is left` : null;
}
