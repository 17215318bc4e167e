import type { ToyVectors } from '../../../atlas/toys/no-over-never.ts';
import { courseOf } from '../picture/sentence.ts';
import type { Session } from '../session.svelte.ts';
import { beyondLine, placeThatKeeps } from './cue.ts';
import { type Place, pushOf } from './plane.ts';
import type { Still } from './still.svelte.ts';

/** Updates of a run up to which there is a cue: a few dozen such runs are trained for it at most. */
const mostUpdates = 300;
/** Milliseconds for which nothing has to move before it is looked for. */
const patience = 400;

interface Given {
  readonly session: Session;
  readonly third: number;
  readonly still: Still;
  /** there is nothing to drag, or the line is not exact */
  readonly isOff: () => boolean;
  /** the reader has dragged */
  readonly isMoved: () => boolean;
}

/** Where the rejected answer may be dragged so that the run keeps the chosen one: found while nothing moves, until a drag has done so. */
export function cueSearch({ session, third, still, isOff, isMoved }: Given): { readonly place: Place | null } {
  let found = $state.raw<{ readonly place: Place | null; readonly settings: Session['settings'] } | null>(null);
  const falls = $derived.by(() => {
    const [first, last] = [session.expected[0], session.expected.at(-1)];
    return first !== undefined && last !== undefined && courseOf(first, last, session.cast) === 'falls';
  });
  const isWanted = $derived(!isOff() && !session.isTaught && !session.look.hasKept);
  const isSought = $derived(isWanted && falls && !still.isHeld && !session.isPlaying && session.settings.steps <= mostUpdates);

  $effect(() => {
    if (isMoved() && !still.isHeld && !falls) session.look.hasKept = true;
  });
  $effect(() => {
    if (!isSought) return;
    const { cast, settings, start, startState, forces } = session;
    let isStale = false;
    // a drag leaves every probability at the start as it is, and so the forces there
    const beyond = (moved: ToyVectors): number =>
      beyondLine(moved, cast.chosen, pushOf(moved, cast, start.probs ?? [], forces(startState)));
    const keeps = async (moved: ToyVectors): Promise<boolean> => {
      await new Promise((resolve) => setTimeout(resolve)); // a hand goes first
      const end = isStale ? null : await session.endWith(moved);
      return end !== null && courseOf(start, end, cast) !== 'falls';
    };
    const wait = setTimeout(async () => {
      const place = await placeThatKeeps(settings.vectors, cast, third, beyond, keeps);
      if (!isStale) found = { place, settings };
    }, patience);
    return () => {
      isStale = true;
      clearTimeout(wait);
    };
  });
  return {
    get place(): Place | null {
      const isOfThis = still.isHeld ? found?.settings.vectors === still.vectors : falls && found?.settings === session.settings;
      return isWanted && isOfThis ? (found?.place ?? null) : null;
    },
  };
}
