import { RandomStream, streams } from './rng.ts';

/** Probabilities of the three corners. */
export type Mix = readonly [number, number, number];
/** A point of the drawing: the triangle has side 1, its first corner on top, the second on the left, the third on the right. */
export type Point = readonly [x: number, y: number];

export const height = Math.sqrt(3) / 2;

export const toPoint = ([first, , third]: Mix): Point => [first / 2 + third, (1 - first) * height];

/** The mix at a point; beyond an edge the nearest mix with every probability at least `least`. */
export function toMix([x, y]: Point, least: number): Mix {
  const first = 1 - y / height;
  const third = x - first / 2;
  return clampMix([first, 1 - first - third, third], least);
}

/** The nearest mix in which no corner is below `least`. */
export function clampMix(mix: Mix, least: number): Mix {
  let free = [0, 1, 2];
  const out: [number, number, number] = [...mix];
  // Projection on a face: what is too small stands on its bound, the others share what that takes in equal parts.
  for (let round = 0; round < 3; round++) {
    const bound = out.reduce((sum, p, i) => sum + (free.includes(i) ? 0 : p), 0);
    const excess = (free.reduce((sum, i) => sum + (out[i] ?? 0), 0) + bound - 1) / Math.max(1, free.length);
    for (const i of free) out[i] = (out[i] ?? 0) - excess;
    const low = free.filter((i) => (out[i] ?? 0) < least);
    if (low.length === 0) break;
    for (const i of low) out[i] = least;
    free = free.filter((i) => !low.includes(i));
  }
  return out;
}

/** Points inside the triangle, closer together towards its edges: what depends on a log-prob changes fastest there. */
export interface Mesh {
  readonly mixes: readonly Mix[];
  /** vertices of each cell, all turning the same way */
  readonly cells: readonly (readonly [number, number, number])[];
}

export function meshOf(divisions: number): Mesh {
  const inset = 0.05;
  const mixes: Mix[] = [];
  const at = (i: number, j: number): number => (i * (2 * divisions + 3 - i)) / 2 + j;
  const cells: [number, number, number][] = [];
  for (let i = 0; i <= divisions; i++)
    for (let j = 0; i + j <= divisions; j++) {
      const [first, second, third] = [(i + inset) ** 2, (j + inset) ** 2, (divisions - i - j + inset) ** 2];
      const whole = first + second + third;
      mixes.push([first / whole, second / whole, third / whole]);
      if (i + j < divisions) cells.push([at(i, j), at(i + 1, j), at(i, j + 1)]);
      if (i + j < divisions - 1) cells.push([at(i + 1, j), at(i + 1, j + 1), at(i, j + 1)]);
    }
  return { mixes, cells };
}

/**
 * Mixes spread evenly over the triangle: a low-discrepancy sequence, so that any first part of it is even too, shaken a little, so that no
 * rows show.
 */
export function spreadMixes(count: number): Mix[] {
  // the plane's analogue of the golden ratio; the square is folded into a triangle
  const ratio = 1.324717957244746;
  const random = new RandomStream(0, streams.data);
  const shaken = (place: number): number => (1 + place + 0.016 * (random.uniform() - 0.5)) % 1;
  return Array.from({ length: count }, (_, i) => {
    let [u, v] = [shaken((0.5 + i / ratio) % 1), shaken((0.5 + i / ratio ** 2) % 1)];
    if (u + v > 1) [u, v] = [1 - u, 1 - v];
    return clampMix([u, v, 1 - u - v], 0.002);
  });
}

const mixOf = (a: Point, b: Point, share: number): Point => [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
/** Where a value changes sign between two ends. */
const crossing = (a: number, b: number): number => a / (a - b);

/** The part of a mesh where values are below zero, and its boundary, by linear interpolation in each cell. */
export interface Region {
  /** share of the area of the mesh */
  readonly share: number;
  readonly polygons: readonly (readonly Point[])[];
  readonly boundary: readonly (readonly [Point, Point])[];
}

export function regionBelow({ mixes, cells }: Mesh, values: ArrayLike<number>): Region {
  const polygons: Point[][] = [];
  const boundary: [Point, Point][] = [];
  for (const cell of cells) {
    const polygon: Point[] = [];
    const cuts: Point[] = [];
    for (const [k, vertex] of cell.entries()) {
      const next = cell[(k + 1) % 3] ?? vertex;
      const [a, b] = [values[vertex] ?? Number.NaN, values[next] ?? Number.NaN];
      const [here, there] = [toPoint(mixes[vertex] as Mix), toPoint(mixes[next] as Mix)];
      if (a < 0) polygon.push(here);
      if (a < 0 !== b < 0) {
        const cut = mixOf(here, there, crossing(a, b));
        polygon.push(cut);
        cuts.push(cut);
      }
    }
    if (polygon.length === 0) continue;
    polygons.push(polygon);
    const [from, to] = cuts;
    if (from && to) boundary.push([from, to]);
  }
  return { share: areaOfAll(polygons) / areaOfCells(mixes, cells), polygons, boundary };
}

// Apart from the loop that makes the polygons: there the sum was now and then 0 in Chromium 150, though every polygon was right.
const areaOfAll = (polygons: readonly (readonly Point[])[]): number => polygons.reduce((sum, polygon) => sum + areaOf(polygon), 0);

const areaOfCells = (mixes: Mesh['mixes'], cells: Mesh['cells']): number =>
  areaOfAll(cells.map((cell) => cell.map((vertex) => toPoint(mixes[vertex] as Mix))));

function areaOf(polygon: readonly Point[]): number {
  let twice = 0;
  for (let i = 0; i < polygon.length; i++) {
    const [here, next] = [polygon[i] as Point, polygon[(i + 1) % polygon.length] as Point];
    twice += here[0] * next[1] - next[0] * here[1];
  }
  return Math.abs(twice) / 2;
}

/** Where the flow rests inside the triangle. */
export type Rest =
  | { readonly kind: 'none' }
  /** isolated points */
  | { readonly kind: 'points'; readonly points: readonly Point[] }
  /** every point of a curve: a loss of the margin rests wherever the margin is on target */
  | { readonly kind: 'curve'; readonly pieces: readonly (readonly [Point, Point])[] }
  /** a part of the area where the loss is flat */
  | { readonly kind: 'area'; readonly share: number };

/** Whether both answers are pulled alike everywhere, as by a loss of the margin alone; float32 forces of one margin differ by their rounding. */
export function areEqual(chosen: ArrayLike<number>, rejected: ArrayLike<number>): boolean {
  const pairs = Array.from(chosen, (force, i) => [force, rejected[i] ?? Number.NaN] as const);
  const largest = pairs.reduce((most, [a, b]) => Math.max(most, Math.abs(a), Math.abs(b)), 0);
  return pairs.every(([a, b]) => Math.abs(a - b) <= 1e-5 * largest);
}

/**
 * Where both of the pair's forces vanish, from their values on a mesh. That is where the flow rests, because
 * r = d_w (e_w − π) − d_l (e_l − π) vanishes inside the triangle only there, and the vectors of the three outcomes are not on one line.
 */
export function restsOf(mesh: Mesh, chosen: ArrayLike<number>, rejected: ArrayLike<number>): Rest {
  const { mixes, cells } = mesh;
  const both = Array.from(chosen, (force, i) => Math.max(Math.abs(force), Math.abs(rejected[i] ?? Number.NaN)));
  if (cells.some((cell) => cell.every((vertex) => both[vertex] === 0))) {
    // a cell at the edge of the flat part counts by its vertices
    const flat = [0, 1, 2].map((k) => cells.filter((cell) => both[cell[k] ?? 0] === 0));
    const area = flat.reduce((sum, some) => sum + areaOfCells(mixes, some) / 3, 0);
    return { kind: 'area', share: area / areaOfCells(mixes, cells) };
  }
  if (areEqual(chosen, rejected)) {
    const { boundary } = regionBelow(mesh, chosen);
    return boundary.length > 0 ? { kind: 'curve', pieces: boundary } : { kind: 'none' };
  }
  const points: Point[] = [];
  const apart = 2 / Math.sqrt(cells.length);
  for (const cell of cells) {
    const [a, b, c] = cell.map((vertex) => [chosen[vertex] ?? Number.NaN, rejected[vertex] ?? Number.NaN] as const);
    if (!a || !b || !c) continue;
    // (1 - u - v) a + u b + v c = 0
    const [bx, by, cx, cy] = [b[0] - a[0], b[1] - a[1], c[0] - a[0], c[1] - a[1]];
    const determinant = bx * cy - cx * by;
    const u = (cx * a[1] - a[0] * cy) / determinant;
    const v = (a[0] * by - bx * a[1]) / determinant;
    if (!(u >= 0 && v >= 0 && u + v <= 1)) continue;
    const [p, q, r] = cell.map((vertex) => toPoint(mixes[vertex] as Mix)) as [Point, Point, Point];
    const found: Point = [p[0] + u * (q[0] - p[0]) + v * (r[0] - p[0]), p[1] + u * (q[1] - p[1]) + v * (r[1] - p[1])];
    if (points.every(([x, y]) => Math.hypot(x - found[0], y - found[1]) > apart)) points.push(found);
  }
  return points.length > 0 ? { kind: 'points', points } : { kind: 'none' };
}
