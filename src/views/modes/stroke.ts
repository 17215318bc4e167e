import { type Levels, levelsOf } from '../../atlas/toys/modes/levels.ts';

/**
 * One stroke of a soft brush over a curve. Painting the same place again changes nothing, however many events the pointer sends; the end
 * of a stroke depends only on the places that it went through.
 */
export class Stroke {
  readonly #base: readonly number[];
  readonly #radius: number;
  readonly #strength: Float64Array;
  readonly #height: Float64Array;
  #last: { bin: number; height: number } | null = null;

  /** `heights` 0 to 1; `radius` is the standard deviation of the brush in bins */
  constructor(heights: readonly number[], radius: number) {
    this.#base = heights;
    this.#radius = radius;
    this.#strength = new Float64Array(heights.length);
    this.#height = new Float64Array(heights.length);
  }

  /** Draws on to a place, straight from the last one. Returns the levels so far. */
  to(bin: number, height: number): Levels {
    const from = this.#last ?? { bin, height };
    const count = Math.max(1, Math.abs(bin - from.bin));
    for (let step = 1; step <= count; step++) {
      const part = step / count;
      this.#dab(Math.round(from.bin + (bin - from.bin) * part), from.height + (height - from.height) * part);
    }
    this.#last = { bin, height };
    return levelsOf(this.#base.map((before, k) => before + ((this.#height[k] ?? 0) - before) * (this.#strength[k] ?? 0)));
  }

  #dab(bin: number, height: number): void {
    for (let k = 0; k < this.#base.length; k++) {
      const strength = Math.exp(-(((k - bin) / this.#radius) ** 2) / 2);
      if (strength < (this.#strength[k] ?? 0)) continue;
      this.#strength[k] = strength;
      this.#height[k] = height;
    }
  }
}
