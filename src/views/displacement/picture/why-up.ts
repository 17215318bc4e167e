import { firstOrder } from '../../../atlas/toys/first-order.ts';
import { partsOf, type ToySettings, toyPolicy, toyStart } from '../../../atlas/toys/no-over-never.ts';
import { fixed } from '../../../shell/controls/format.ts';
import { forcesOf } from '../../../shell/losses/objective-view.ts';
import type { Cast } from '../story.ts';

/** What the two halves of the first update do to the log-probability of the chosen answer, to first order and before the step size. */
export interface Halves {
  /** of the pull on the chosen answer itself */
  readonly pull: number;
  /** of the push on the rejected one; below 0 it takes from the chosen one */
  readonly push: number;
}

/** Their sum is d log π(chosen)/dt at the start, as `firstOrder` has it: it is linear in the two forces. */
export function halvesOf(settings: ToySettings, { chosen, rejected }: Cast): Halves {
  const policy = toyPolicy(settings.scale, settings.train, settings.vectors);
  const [first = settings] = partsOf(settings); // a forked run began with another loss, perhaps
  const forces = forcesOf(first.objective)(toyStart(settings.vectors));
  const rate = (pull: number, push: number): number =>
    firstOrder(policy, chosen, rejected, { chosen: pull, rejected: push }).rate[chosen] ?? Number.NaN;
  return { pull: rate(forces.chosen, 0), push: rate(0, forces.rejected) };
}

/** Which part of what the pull gives the push takes; null where one of them does not. */
const takenOf = ({ pull, push }: Halves): number | null => (pull > 0 && push < 0 ? -push / pull : null);

/** A share of a whole, which may be more than that: in whole percent, which the eye can compare. */
const part = (share: number): string => (share >= 9.995 ? `${fixed(share, 0)} times` : `${fixed(100 * share, 0)}\u202f%`);

/** Less than this of the first push is left where it is said to fade. */
const faded = 0.5;

/**
 * Why the chosen answer does not fall: what follows after it has been said that it does not, in the piece before the rejected answer's name
 * and the one behind it. `left`: the part of the first push on the rejected answer that is left at the end. Null where neither half tells.
 */
export function whyUp(settings: ToySettings, before: ToySettings | null, cast: Cast, left: number): readonly [string, string] | null {
  const halves = halvesOf(settings, cast);
  if (halves.pull > 0 && halves.push >= 0) return [': at first even pushing ', ' down lifts it.'];
  const taken = takenOf(halves);
  if (taken === null) return null;
  const was = before && takenOf(halvesOf(before, cast));
  const earlier = was === null || part(was) === part(taken) ? '' : ` (${part(was)} before)`;
  const fades = taken >= 1 && left < faded ? `; ${part(Math.max(0, left))} of that push is left` : '';
  return [': at first, pushing ', ` down takes ${taken < 1 ? 'only ' : ''}${part(taken)} of what its own pull gives${earlier}${fades}.`];
}
