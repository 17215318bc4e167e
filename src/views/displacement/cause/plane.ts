import type { ToyVectors } from '../../../atlas/toys/displacement/no-over-never.ts';
import { dot, norm } from '../../../core/vectors.ts';
import type { Cast } from '../story.ts';

type Vector = readonly number[];
export type Place = readonly [x: number, y: number];

/** Where the answers are drawn, and which part of the plane: least and most across, least and most up. */
export interface Stance {
  readonly places: readonly Place[];
  readonly frame: readonly [number, number, number, number];
}

const plus = (a: Vector, b: Vector, times = 1): number[] => a.map((value, k) => value + times * (b[k] ?? 0));
const unit = (a: Vector): number[] => plus(a, a, 1 / norm(a) - 1);
/** Below this length a direction is rounding. */
const tiny = 1e-9;

/** A direction at right angles to these unit vectors, which are so to one another. */
function anyAcross(dimensions: number, ...others: readonly Vector[]): number[] {
  let best: number[] = [];
  for (let k = 0; k < dimensions; k++) {
    const axis = Array.from({ length: dimensions }, (_, i) => Number(i === k));
    const across = others.reduce<number[]>((left, other) => plus(left, other, -dot(left, other)), axis);
    if (best.length === 0 || norm(across) > norm(best) + tiny) best = across;
  }
  return norm(best) > tiny ? unit(best) : best;
}

/** The plane through the vectors of the chosen, the rejected and a third answer. */
export interface Plane {
  /** the chosen answer's vector */
  readonly origin: Vector;
  /** unit vectors: towards the third answer, and at right angles to it on the rejected answer's side */
  readonly right: Vector;
  readonly up: Vector;
}

export function planeOf({ unembedding }: ToyVectors, { chosen, rejected }: Cast, third: number): Plane {
  const origin = unembedding[chosen] ?? [];
  const across = plus(unembedding[third] ?? [], origin, -1);
  const right = norm(across) > tiny ? unit(across) : anyAcross(origin.length);
  const towards = plus(unembedding[rejected] ?? [], origin, -1);
  const upwards = plus(towards, right, -dot(towards, right));
  return { origin, right, up: norm(upwards) > tiny ? unit(upwards) : anyAcross(origin.length, right) };
}

/** What one update does to the answers where the model's state alone is trained, to first order. */
export interface Push {
  /** where the state moves: Σ_v r_v W_v */
  readonly along: Vector;
  /** Σ π(z) W_z */
  readonly average: Vector;
  /** [answers] whether it gains now */
  readonly gains: readonly boolean[];
}

/** `forces`: pull on the chosen and push on the rejected answer, as the loss has them in this state. */
export function pushOf(
  { unembedding }: ToyVectors,
  { chosen, rejected }: Cast,
  probs: readonly number[],
  forces: { readonly chosen: number; readonly rejected: number },
): Push {
  const zero = (unembedding[chosen] ?? []).map(() => 0);
  const average = unembedding.reduce<number[]>((sum, row, token) => plus(sum, row, probs[token] ?? 0), zero);
  const toChosen = plus(unembedding[chosen] ?? [], average, -1);
  const toRejected = plus(unembedding[rejected] ?? [], average, -1);
  const along = plus(
    toChosen.map((value) => forces.chosen * value),
    toRejected,
    -forces.rejected,
  );
  return { along, average, gains: unembedding.map((row) => dot(plus(row, average, -1), along) > 0) };
}

/** The push in a plane: an answer at p gains where normal · p > offset. */
export interface Cut {
  readonly normal: Place;
  readonly offset: number;
}

export function cutOf({ origin, right, up }: Plane, { along, average }: Push): Cut | null {
  const normal: Place = [dot(along, right), dot(along, up)];
  const isFlat = Math.hypot(...normal) <= 1e-6 * norm(along) || norm(along) < tiny;
  return isFlat ? null : { normal, offset: dot(plus(average, origin, -1), along) };
}

/**
 * Where a vector is drawn: straight below or above its place in the plane. A push that leaves the plane would put an answer that is not in
 * it on the wrong side of the line: it is moved along the push until its side is right.
 */
export function placeOf({ origin, right, up }: Plane, vector: Vector, push: Push | null = null, cut: Cut | null = null): Place {
  const from = plus(vector, origin, -1);
  const [x, y] = [dot(from, right), dot(from, up)];
  if (!push || !cut) return [x, y];
  const [a, b] = cut.normal;
  const missing = (dot(from, push.along) - a * x - b * y) / (a * a + b * b);
  return [x + a * missing, y + b * missing];
}

/**
 * The vectors with the rejected answer's at a place of the plane, and its probability before training what it was: the vector is turned out
 * of the plane, about the line from the chosen to the third answer, by what is needed. Where no turn is enough the place is as near below or
 * above as one is.
 */
export function dragRejected(vectors: ToyVectors, cast: Cast, third: number, [x, y]: Place): ToyVectors {
  const { hidden, unembedding } = vectors;
  const { origin, right, up } = planeOf(vectors, cast, third);
  const present = unembedding[cast.rejected] ?? [];
  const lean = plus(hidden, right, -dot(hidden, right));
  const steepest = norm(lean);
  const isLevel = steepest <= tiny; // the state lies along the line: only the place along it decides
  const across = isLevel ? dot(plus(present, origin, -1), right) : x;
  const wanted = dot(hidden, present) - dot(hidden, origin) - across * dot(hidden, right);
  const height = Math.max(y, isLevel ? tiny : Math.abs(wanted) / steepest, 0.05);
  const row = (direction: Vector): number[] => plus(plus(origin, right, across), direction, height);
  const place = (moved: Vector): ToyVectors => ({
    hidden,
    unembedding: unembedding.map((old, token) => (token === cast.rejected ? moved : old)),
  });
  if (isLevel) return place(row(up));
  const steep = unit(lean);
  const cosine = Math.min(1, Math.max(-1, wanted / (height * steepest)));
  const rest = plus(up, steep, -dot(up, steep));
  const side = norm(rest) > 1e-6 ? unit(rest) : anyAcross(hidden.length, right, steep);
  const turned = plus(
    steep.map((value) => cosine * value),
    side,
    Math.sqrt(1 - cosine * cosine),
  );
  return place(row(turned));
}

/** The part of a rectangle of pixels, [width, height], on the side where a · x + b · y > c. */
export function halfOf([width, height]: Place, a: number, b: number, c: number): Place[] {
  const corners: Place[] = [
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ];
  const side = ([x, y]: Place): number => a * x + b * y - c;
  return corners.flatMap((corner, index) => {
    const next = corners[(index + 1) % 4] ?? corner;
    const [here, there] = [side(corner), side(next)];
    const kept: Place[] = here > 0 ? [corner] : [];
    if (here > 0 === there > 0) return kept;
    const t = here / (here - there);
    return [...kept, [corner[0] + t * (next[0] - corner[0]), corner[1] + t * (next[1] - corner[1])]];
  });
}

/** Where the line a · x + b · y = c crosses the rectangle. */
export function chordOf([width, height]: Place, a: number, b: number, c: number): readonly [Place, Place] | null {
  const hits: Place[] = [];
  const note = (x: number, y: number): void => {
    if (x >= -1e-6 && x <= width + 1e-6 && y >= -1e-6 && y <= height + 1e-6) hits.push([x, y]);
  };
  if (b !== 0) for (const x of [0, width]) note(x, (c - a * x) / b);
  if (a !== 0) for (const y of [0, height]) note((c - b * y) / a, y);
  const [first] = hits;
  const last =
    first &&
    hits.reduce(
      (far, hit) => (Math.hypot(hit[0] - first[0], hit[1] - first[1]) > Math.hypot(far[0] - first[0], far[1] - first[1]) ? hit : far),
      first,
    );
  return first && last && first !== last ? [first, last] : null;
}
