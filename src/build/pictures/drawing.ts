import type { Colour } from './colours.ts';
import type { Pixels } from './png.ts';

export type Point = readonly [x: number, y: number];

/** How an area is filled. */
export interface Fill {
  readonly colour: Colour;
  /** from 0 to 1; default 1 */
  readonly alpha?: number;
  /** only where this is true, in pixels; default everywhere */
  readonly where?: (x: number, y: number) => boolean;
}

/** Samples across and down a pixel: edges are smooth because several are averaged. */
const fine = 2;

/** Every so many pixels a stripe from lower left to upper right. */
export const stripes =
  (every: number, width: number): NonNullable<Fill['where']> =>
  (x, y) =>
    (((x + y) % every) + every) % every < width;

/** A picture that is drawn by areas and lines: all that a build without a browser needs. */
export class Drawing {
  readonly width: number;
  readonly height: number;
  readonly #across: number;
  readonly #samples: Uint32Array;

  constructor(width: number, height: number, ground: Colour) {
    this.width = width;
    this.height = height;
    this.#across = width * fine;
    this.#samples = new Uint32Array(this.#across * height * fine);
    this.rectangle(0, 0, width, height, { colour: ground });
  }

  rectangle(x: number, y: number, width: number, height: number, fill: Fill): void {
    this.area(
      [
        [
          [x, y],
          [x + width, y],
          [x + width, y + height],
          [x, y + height],
        ],
      ],
      fill,
    );
  }

  disc([x, y]: Point, radius: number, fill: Fill): void {
    const corners = radius < 4 ? 12 : 36;
    const turn = (2 * Math.PI) / corners;
    this.area([Array.from({ length: corners }, (_, k): Point => [x + radius * Math.cos(k * turn), y + radius * Math.sin(k * turn)])], fill);
  }

  /** A line through points, with round joints where it is wide; `dash` is what is drawn and what is left out, in turn. */
  line(points: readonly Point[], width: number, colour: Colour, dash?: readonly [on: number, off: number]): void {
    for (const piece of dash ? dashed(points, dash) : [points])
      for (const [index, b] of piece.entries()) {
        const a = piece[index - 1];
        if (!dash && width >= 4) this.disc(b, width / 2, { colour });
        if (!a) continue;
        const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
        if (length === 0) continue;
        const [x, y] = [((a[1] - b[1]) / length) * (width / 2), ((b[0] - a[0]) / length) * (width / 2)];
        const corners: Point[] = [
          [a[0] + x, a[1] + y],
          [b[0] + x, b[1] + y],
          [b[0] - x, b[1] - y],
          [a[0] - x, a[1] - y],
        ];
        this.area([corners], { colour });
      }
  }

  /** What lies within an odd number of these polygons. */
  area(polygons: readonly (readonly Point[])[], { colour, alpha = 1, where }: Fill): void {
    const ink = packed(colour);
    for (const [row, crossings] of this.#crossings(polygons)) {
      crossings.sort((a, b) => a - b);
      for (let index = 0; index + 1 < crossings.length; index += 2) {
        const from = row * this.#across + this.#columnAt(crossings[index] ?? 0);
        const to = row * this.#across + this.#columnAt(crossings[index + 1] ?? 0);
        if (alpha === 1 && !where) this.#samples.fill(ink, from, to);
        else
          for (let at = from; at < to; at++) {
            if (where && !where(((at % this.#across) + 0.5) / fine, (row + 0.5) / fine)) continue;
            this.#samples[at] = mixed(this.#samples[at] ?? 0, ink, alpha);
          }
      }
    }
  }

  /** The first column of samples right of a place. */
  #columnAt(x: number): number {
    return Math.min(this.#across, Math.max(0, Math.ceil(x * fine - 0.5)));
  }

  /** Where the edges of polygons cross the rows of samples. */
  #crossings(polygons: readonly (readonly Point[])[]): Map<number, number[]> {
    const rows = new Map<number, number[]>();
    for (const polygon of polygons) {
      let a = polygon.at(-1);
      for (const b of polygon) {
        if (!a) continue;
        const [[x, y], [toX, toY]] = a[1] < b[1] ? [a, b] : [b, a];
        const last = Math.min(this.height * fine, Math.ceil(toY * fine - 0.5));
        for (let row = Math.max(0, Math.ceil(y * fine - 0.5)); row < last; row++) {
          const at = x + (((row + 0.5) / fine - y) / (toY - y)) * (toX - x);
          const found = rows.get(row);
          if (found) found.push(at);
          else rows.set(row, [at]);
        }
        a = b;
      }
    }
    return rows;
  }

  get pixels(): Pixels {
    const { width, height } = this;
    const data = new Uint8Array(3 * width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        let [red, green, blue] = [0, 0, 0];
        for (let i = 0; i < fine; i++)
          for (let j = 0; j < fine; j++) {
            const sample = this.#samples[(y * fine + i) * this.#across + x * fine + j] ?? 0;
            red += sample >> 16;
            green += (sample >> 8) & 255;
            blue += sample & 255;
          }
        const at = 3 * (y * width + x);
        data[at] = Math.round(red / fine ** 2);
        data[at + 1] = Math.round(green / fine ** 2);
        data[at + 2] = Math.round(blue / fine ** 2);
      }
    return { width, height, data };
  }
}

/** A colour as one number. */
const packed = ([red, green, blue]: Colour): number => (red << 16) | (green << 8) | blue;

function mixed(below: number, above: number, alpha: number): number {
  const part = (shift: number): number => Math.round(((above >> shift) & 255) * alpha + ((below >> shift) & 255) * (1 - alpha)) << shift;
  return part(16) | part(8) | part(0);
}

/** The pieces of a line that a dash leaves. */
function dashed(points: readonly Point[], [on, off]: readonly [number, number]): Point[][] {
  const pieces: Point[][] = [];
  let [left, isOn] = [on, true];
  let piece: Point[] = points.slice(0, 1);
  for (const [index, b] of points.entries()) {
    let a = points[index - 1];
    while (a) {
      const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
      if (length < left) break;
      const turn: Point = [a[0] + (left / length) * (b[0] - a[0]), a[1] + (left / length) * (b[1] - a[1])];
      if (isOn) pieces.push([...piece, turn]);
      isOn = !isOn;
      left = isOn ? on : off;
      piece = [turn];
      a = turn;
    }
    if (!a) continue;
    left -= Math.hypot(b[0] - a[0], b[1] - a[1]);
    piece.push(b);
  }
  return isOn && piece.length > 1 ? [...pieces, piece] : pieces;
}
