import type { ToyVectors } from '../../../atlas/toys/displacement/no-over-never.ts';
import type { grownAbout } from './grown.ts';
import type { Place, Stance } from './plane.ts';

/** Milliseconds in which what was held still goes where it belongs. */
const easing = 300;

const mix = (from: number, to: number, part: number): number => from + part * (to - from);

/**
 * What stands still while an answer is dragged: the plane turns with the dragged vector, and the others would seem to be moved by the hand.
 * Let go, they go where they belong; the dragged one stays where the hand has left it, until other vectors come.
 */
export class Still {
  #held = $state.raw<(Stance & { readonly vectors: ToyVectors }) | null>(null);
  #isHeld = $state(false);
  /** the part of the plane in which an answer was let go, with the vectors of then */
  #kept: { readonly frame: Stance['frame']; readonly vectors: ToyVectors } | null = null;
  /** of `grown.ts`, fetched when a reader does anything */
  grown: typeof grownAbout | null = null;
  /** of the way from where they were held to where they belong */
  #part = $state(0);
  readonly #frame: (next: (now: number) => void) => void;

  constructor(nextFrame: (next: (now: number) => void) => void = (next) => void requestAnimationFrame(next)) {
    this.#frame = nextFrame;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }
  /** with which the drag began: where it leads is a matter of where the hand is alone */
  get vectors(): ToyVectors | null {
    return this.#isHeld ? (this.#held?.vectors ?? null) : null;
  }

  hold(vectors: ToyVectors, stance: Stance): void {
    if (this.#isHeld) return;
    this.#held = { vectors, ...stance };
    this.#isHeld = true;
    this.#part = 0;
  }

  /** The answer is let go with these vectors. `calm`: the others are where they belong at once. */
  release(calm: boolean, vectors: ToyVectors): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#kept = this.#held && { frame: this.#held.frame, vectors };
    if (calm) {
      this.#held = null;
      return;
    }
    let began: number | null = null;
    const move = (now: number): void => {
      if (this.#isHeld) return;
      began ??= now;
      const part = Math.min(1, (now - began) / easing);
      this.#part = part * part * (3 - 2 * part);
      if (part < 1) this.#frame(move);
      else this.#held = null;
    };
    this.#frame(move);
  }

  /** What is drawn where the answers belong at `target` with these vectors; `own` is under the hand, or was. */
  drawn({ places, frame }: Stance, own: number, vectors: ToyVectors): Stance {
    const [held, part, kept] = [this.#held, this.#part, this.#kept];
    const target = { places, frame: (kept?.vectors === vectors && this.grown?.(kept.frame, places, own)) || frame };
    if (!held) return target;
    const between = (from: Place, to: Place): Place => [mix(from[0], to[0], part), mix(from[1], to[1], part)];
    const [a, b, c, d] = held.frame.map((value, k) => mix(value, target.frame[k] ?? value, part)) as [number, number, number, number];
    return {
      places: target.places.map((place, answer) => (answer === own ? place : between(held.places[answer] ?? place, place))),
      frame: [a, b, c, d],
    };
  }
}
