import type { FlowLines } from '../../core/flow.ts';
import { type Point, toPoint } from '../../core/simplex-geometry.ts';

/** Colours as a canvas takes them. */
export interface StreamColours {
  readonly rises: string;
  readonly falls: string;
  /** whether light adds up, as on a dark page */
  readonly glows: boolean;
}

const levels = 4;
const tiers = 3;
/** share of a line that is lit while it moves */
const window = 0.45;

/** Streamlines made ready for a canvas: screen points, and the lines sorted by speed. */
export class Streamlines {
  readonly #steps: number;
  /** [line][step + 1] x and y */
  readonly #points: Float32Array;
  /** [line][step + 1] whether the chosen log-prob falls there */
  readonly #falls: Uint8Array;
  /** lines from the slowest to the fastest, in groups of equal size */
  readonly #levels: readonly number[][];

  constructor({ starts, steps, corners, speed, chosenRate }: FlowLines, place: (point: Point) => Point) {
    this.#steps = steps;
    this.#points = new Float32Array(2 * starts * (steps + 1));
    this.#falls = new Uint8Array(starts * (steps + 1));
    for (let line = 0; line < starts; line++)
      for (let step = 0; step <= steps; step++) {
        const at = step * starts + line;
        const to = line * (steps + 1) + step;
        const [x, y] = place(toPoint([corners[0][at] ?? 0, corners[1][at] ?? 0, corners[2][at] ?? 0]));
        this.#points[2 * to] = x;
        this.#points[2 * to + 1] = y;
        this.#falls[to] = Number((chosenRate[at] ?? 0) < 0);
      }
    // Speeds span decades: groups of equal size show the form of a slow field too.
    const moving = Array.from({ length: starts }, (_, line) => line).filter((line) => (speed[line] ?? 0) > 0);
    moving.sort((a, b) => (speed[a] ?? 0) - (speed[b] ?? 0));
    const size = Math.ceil(moving.length / levels);
    this.#levels = Array.from({ length: levels }, (_, level) => moving.slice(level * size, (level + 1) * size));
  }

  /** Draws all lines whole (`phase` null), or the part of each that is lit at a phase from 0 to 1. */
  draw(context: CanvasRenderingContext2D, { rises, falls, glows }: StreamColours, phase: number | null, strength = 1): void {
    context.save();
    context.lineCap = 'round';
    if (glows) context.globalCompositeOperation = 'lighter';
    for (const [level, lines] of this.#levels.entries()) {
      const weight = (level + 1) / levels;
      context.lineWidth = 0.6 + 0.6 * weight;
      for (let tier = 0; tier < tiers; tier++) {
        const paths = [new Path2D(), new Path2D()] as const;
        for (const line of lines) this.#add(paths, line, tier, phase);
        context.globalAlpha = strength * (0.3 + 0.45 * weight) * ((tier + 1) / tiers) ** 2;
        for (const [index, path] of paths.entries()) {
          context.strokeStyle = index === 0 ? rises : falls;
          context.stroke(path);
        }
      }
    }
    context.restore();
  }

  /** Adds a line's part of a tier: to the first path where the chosen log-prob rises, to the second where it falls. */
  #add(paths: readonly [Path2D, Path2D], line: number, tier: number, phase: number | null): void {
    const lit = phase === null ? this.#steps : window * this.#steps;
    // Each line is at a place of its own in the cycle.
    const offset = (line * 0.6180339887) % 1;
    const head = phase === null ? this.#steps : ((phase + offset) % 1) * (this.#steps + lit);
    const from = Math.max(0, head - lit + (tier * lit) / tiers);
    const to = Math.min(this.#steps, head - lit + ((tier + 1) * lit) / tiers);
    let last: Path2D | null = null;
    for (let step = from; step < to; step = Math.floor(step) + 1) {
      const path = this.#falls[line * (this.#steps + 1) + Math.floor(step)] ? paths[1] : paths[0];
      if (path !== last) path.moveTo(...this.#at(line, step));
      path.lineTo(...this.#at(line, Math.min(to, Math.floor(step) + 1)));
      last = path;
    }
  }

  #at(line: number, step: number): Point {
    const whole = Math.min(this.#steps - 1, Math.floor(step));
    const share = step - whole;
    const at = 2 * (line * (this.#steps + 1) + whole);
    const [x, y] = [this.#points[at] ?? 0, this.#points[at + 1] ?? 0];
    return [x + share * ((this.#points[at + 2] ?? 0) - x), y + share * ((this.#points[at + 3] ?? 0) - y)];
  }
}
