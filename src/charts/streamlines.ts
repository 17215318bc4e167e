import type { FlowLines } from '../core/flow.ts';
import { type Point, toPoint } from '../core/simplex-geometry.ts';

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

/** Streamlines made ready for a canvas: screen points, sorted by the sign of the chosen log-prob's rate and by speed. */
export class Streamlines {
  readonly #steps: number;
  /** [line][step + 1] x and y */
  readonly #points: Float32Array;
  /** lines of each group: whether the chosen log-prob falls, then how fast the flow is */
  readonly #groups: readonly { falls: boolean; level: number; lines: number[] }[];

  constructor({ starts, steps, corners, speed, chosenRate }: FlowLines, place: (point: Point) => Point) {
    this.#steps = steps;
    this.#points = new Float32Array(2 * starts * (steps + 1));
    const groups = [false, true].flatMap((falls) =>
      Array.from({ length: levels }, (_, level) => ({ falls, level, lines: [] as number[] })),
    );
    this.#groups = groups;
    const speeds = Array.from(speed.subarray(0, starts));
    const ranked = speeds.filter((value) => value > 0).sort((a, b) => a - b);
    // Speeds span decades: the levels are equal shares of the lines, so that a slow field shows its form too.
    const bounds = Array.from({ length: levels - 1 }, (_, i) => ranked[Math.floor(((i + 1) * ranked.length) / levels)] ?? 0);
    for (let line = 0; line < starts; line++) {
      for (let step = 0; step <= steps; step++) {
        const at = step * starts + line;
        const [x, y] = place(toPoint([corners[0][at] ?? 0, corners[1][at] ?? 0, corners[2][at] ?? 0]));
        this.#points[2 * (line * (steps + 1) + step)] = x;
        this.#points[2 * (line * (steps + 1) + step) + 1] = y;
      }
      const own = speeds[line] ?? 0;
      if (!(own > 0)) continue;
      const level = bounds.filter((bound) => own > bound).length;
      groups[((chosenRate[line] ?? 0) < 0 ? levels : 0) + level]?.lines.push(line);
    }
  }

  /** Draws all lines whole (`phase` null), or the part of each that is lit at a phase from 0 to 1. */
  draw(context: CanvasRenderingContext2D, { rises, falls, glows }: StreamColours, phase: number | null, strength = 1): void {
    context.save();
    context.lineCap = 'round';
    if (glows) context.globalCompositeOperation = 'lighter';
    for (const group of this.#groups) {
      context.strokeStyle = group.falls ? falls : rises;
      const weight = (group.level + 1) / levels;
      context.lineWidth = 0.6 + 0.6 * weight;
      for (let tier = 0; tier < tiers; tier++) {
        const path = new Path2D();
        for (const line of group.lines) this.#add(path, line, tier, phase);
        context.globalAlpha = strength * (0.3 + 0.45 * weight) * ((tier + 1) / tiers) ** 2;
        context.stroke(path);
      }
    }
    context.restore();
  }

  #add(path: Path2D, line: number, tier: number, phase: number | null): void {
    const lit = phase === null ? this.#steps : window * this.#steps;
    // Each line is at a place of its own in the cycle.
    const offset = (line * 0.6180339887) % 1;
    const head = phase === null ? this.#steps : ((phase + offset) % 1) * (this.#steps + lit);
    const from = Math.max(0, head - lit + (tier * lit) / tiers);
    const to = Math.min(this.#steps, head - lit + ((tier + 1) * lit) / tiers);
    if (to <= from) return;
    this.#moveTo(path, line, from, true);
    for (let step = Math.floor(from) + 1; step < to; step++) this.#moveTo(path, line, step, false);
    this.#moveTo(path, line, to, false);
  }

  #moveTo(path: Path2D, line: number, step: number, begins: boolean): void {
    const whole = Math.min(this.#steps - 1, Math.floor(step));
    const share = step - whole;
    const at = 2 * (line * (this.#steps + 1) + whole);
    const x = (this.#points[at] ?? 0) + share * ((this.#points[at + 2] ?? 0) - (this.#points[at] ?? 0));
    const y = (this.#points[at + 1] ?? 0) + share * ((this.#points[at + 3] ?? 0) - (this.#points[at + 1] ?? 0));
    if (begins) path.moveTo(x, y);
    else path.lineTo(x, y);
  }
}
