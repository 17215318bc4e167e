import { chosenToken, rejectedToken, type ToyVectors, tokens, toyVectors } from '../../atlas/toys/displacement/no-over-never.ts';
import type { FlowExperiment, FlowLines } from '../../core/flow.ts';
import { clampMix, type Mesh, type Mix, type Point, type Region, regionBelow } from '../../core/simplex-geometry.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { overOf } from '../../objectives/over.ts';
import { percent } from '../../shell/controls/format.ts';
import type { PageChoice } from '../../shell/losses/objective-view.ts';

/** What stands at the third corner: one more answer, or all the rest of them pooled. */
export type Third = number | 'rest';

export interface SimplexSettings {
  /** as the reader has placed them; default: the toy's own */
  readonly vectors?: ToyVectors;
  /** answers of the toy */
  readonly chosen: number;
  readonly rejected: number;
  readonly third: Third;
  /** at the chosen vector, between the rejected one and that of the third corner, in degrees; null: as in the toy */
  readonly angle: number | null;
  /** ‖W_w − W_l‖; null: as in the toy */
  readonly distance: number | null;
  readonly objective: PageChoice;
  /** null: the toy's own policy */
  readonly reference: Mix | null;
}

export const defaultSimplex: SimplexSettings = {
  chosen: chosenToken,
  rejected: rejectedToken,
  third: tokens.indexOf('Yes'),
  angle: null,
  distance: null,
  objective: { name: 'dpo', params: { beta: 0.1 } },
  reference: null,
};

export const simplexRanges = {
  angle: { min: 5, max: 175, logarithmic: false, integer: true },
  distance: { min: 0.1, max: 5, logarithmic: false, integer: false },
} as const;

/** Least probability of a corner where a reader puts a point. */
export const leastShare = 0.002;

/** Steps of a trajectory: their length in a triangle of side 1, and most of them. */
export const pathStep = { size: 0.004, steps: 480 } as const;

type Vector = readonly number[];
const minus = (a: Vector, b: Vector): number[] => a.map((x, k) => x - (b[k] ?? 0));
const times = (a: Vector, by: number): number[] => a.map((x) => x * by);
const plus = (a: Vector, b: Vector): number[] => a.map((x, k) => x + (b[k] ?? 0));
const unit = (a: Vector): number[] => times(a, 1 / Math.sqrt(dot(a, a)));

/** The toy's policy before training, among these answers. */
const toyProbs = ({ hidden, unembedding }: ToyVectors, members: readonly number[]): number[] =>
  logSoftmax(members.map((token) => dot(unembedding[token] ?? [], hidden))).map(Math.exp);

/** The share of the triangle in which an answer falls, in percent; `isOfMargin`: where no point of the mesh does, none does. */
export const shareText = ({ falls, isOfMargin }: { readonly falls: Region; readonly isOfMargin: boolean }): string =>
  falls.polygons.length > 0 ? percent(falls.share) : isOfMargin ? '0 %' : '≈ 0 %';

/** The answers that take part: those of the three corners, in order, or these and all the others. */
export function partsOf({ chosen, rejected, third }: SimplexSettings): { members: readonly number[]; corners: readonly number[] } {
  const others = third === 'rest' ? tokens.map((_, token) => token).filter((token) => token !== chosen && token !== rejected) : [third];
  return { members: [chosen, rejected, ...others], corners: [0, 1, ...others.map(() => 2)] };
}

export const cornerNames = ({ chosen, rejected, third }: SimplexSettings): readonly [string, string, string] => [
  tokens[chosen] ?? '',
  tokens[rejected] ?? '',
  third === 'rest' ? 'all the rest' : (tokens[third] ?? ''),
];

const vectorsOf = ({ vectors = toyVectors }: SimplexSettings): ToyVectors => vectors;

/** How the mass of the third corner is split over its answers: as in the toy's own policy. */
const sharesOf = (settings: SimplexSettings): number[] => toyProbs(vectorsOf(settings), partsOf(settings).members.slice(2));

/** The toy's own policy, among the answers that take part. */
export function toyReference(settings: SimplexSettings): Mix {
  const [chosen = 0, rejected = 0, ...others] = toyProbs(vectorsOf(settings), partsOf(settings).members);
  return [chosen, rejected, others.reduce((sum, p) => sum + p, 0)];
}

export const referenceOf = (settings: SimplexSettings): Mix => settings.reference ?? toyReference(settings);

/** W_w, W_l and the vector of the third corner: of its answer, or the mean of those pooled there, each with its share. */
function cornerVectors(settings: SimplexSettings): readonly [Vector, Vector, Vector] {
  const rows = partsOf(settings).members.map((token) => vectorsOf(settings).unembedding[token] ?? []);
  const [chosen = [], rejected = [], ...others] = rows;
  const shares = sharesOf(settings);
  const mean = others.reduce<number[]>((sum, row, i) => plus(sum, times(row, shares[i] ?? 0)), times(chosen, 0));
  return [chosen, rejected, mean];
}

/** The triangle of the three vectors: the angle at the chosen one in degrees, and its two sides there. */
export interface VectorTriangle {
  readonly angle: number;
  /** ‖W_w − W_l‖ */
  readonly distance: number;
  /** from the chosen vector to that of the third corner */
  readonly reach: number;
}

export function vectorTriangle(settings: SimplexSettings): VectorTriangle {
  const [chosen, rejected, third] = cornerVectors(settings);
  const [away, beyond] = [minus(rejected, chosen), minus(third, chosen)];
  const [own, reach] = [Math.sqrt(dot(away, away)), Math.sqrt(dot(beyond, beyond))];
  const cosine = Math.max(-1, Math.min(1, dot(away, beyond) / (own * reach)));
  return { angle: settings.angle ?? (Math.acos(cosine) * 180) / Math.PI, distance: settings.distance ?? own, reach };
}

/**
 * The unembedding of the answers that take part. A chosen angle and distance place W_l anew, in the plane of the three vectors; the others
 * stay.
 */
export function unembeddingOf(settings: SimplexSettings): number[][] {
  const rows = partsOf(settings).members.map((token) => [...(vectorsOf(settings).unembedding[token] ?? [])]);
  if (settings.angle === null && settings.distance === null) return rows;
  const [chosen, rejected, third] = cornerVectors(settings);
  const { angle, distance } = vectorTriangle(settings);
  const along = unit(minus(third, chosen));
  const aside = minus(rejected, chosen);
  const across = minus(aside, times(along, dot(aside, along)));
  // on one line with the others there is no plane: any direction across will do
  const axis = times(along, 0).map((_, k) => (k === along.findIndex((x) => Math.abs(x) < 0.9) ? 1 : 0));
  const other = unit(dot(across, across) > 1e-12 ? across : minus(axis, times(along, dot(axis, along))));
  const radians = (angle * Math.PI) / 180;
  rows[1] = plus(chosen, times(plus(times(along, Math.cos(radians)), times(other, Math.sin(radians))), distance));
  return rows;
}

const logpsOf = (mix: Mix, shares: readonly number[]): number[] => [
  Math.log(mix[0]),
  Math.log(mix[1]),
  ...shares.map((share) => Math.log(mix[2] * share)),
];

/** Whether the flow is that of an expected update on groups of two, and not that of one pair. */
export const isDrawn = ({ objective }: Pick<SimplexSettings, 'objective'>): boolean => overOf(objective) === 'groups';

/** Ordered draws of two answers, over which an expected update is the mean. */
export const drawsOf = (settings: SimplexSettings): number => partsOf(settings).members.length ** 2;

/** The flow from the given mixes, with the vectors shared or with free logits. */
export function flowFrom(
  settings: SimplexSettings,
  parameters: 'shared' | 'free',
  mixes: readonly Mix[],
  length: Pick<FlowExperiment, 'size' | 'steps'>,
): FlowExperiment {
  const { members, corners } = partsOf(settings);
  const shares = sharesOf(settings);
  const starts = new Float64Array(mixes.length * members.length);
  for (const [i, mix] of mixes.entries()) starts.set(logpsOf(mix, shares), i * members.length);
  const reference = clampMix(referenceOf(settings), 1e-9);
  return {
    policy:
      parameters === 'free'
        ? { kind: 'tabular', logits: [members.map(() => 0)] }
        : { kind: 'features', hidden: [vectorsOf(settings).hidden.map(() => 0)], unembedding: unembeddingOf(settings), train: 'hidden' },
    referenceLogps: logpsOf(reference, shares),
    // one reward apart and a certain label, for objectives that read either
    pairs: [{ prompt: 0, chosen: 0, rejected: 1, rewards: [1, 0], label: 1 }],
    // of groups, a checker's reward of 1 for the chosen answer and 0 for all others
    ...(isDrawn(settings) ? { rewards: members.map((_, i) => (i === 0 ? 1 : 0)) } : {}),
    objective: settings.objective,
    corners: [...corners],
    starts,
    clock: 'length',
    ...length,
  };
}

/**
 * Where the chosen log-prob falls, from the flow at the points of a mesh. The rate is divided by the larger force first: the forces of a
 * loss may differ by orders of magnitude from point to point, what they are multiplied with changes slowly. For a loss of the margin with
 * a shared hidden vector the quotient is linear, so that its boundary is exact. An expected update has no two forces: its rate stands.
 */
export function fallsOn(mesh: Mesh, { chosenRate, chosenForce, rejectedForce }: FlowLines, isOfPair = true): Region {
  if (!isOfPair) return regionBelow(mesh, Float64Array.from(chosenRate));
  const scaled = Float64Array.from(chosenRate, (rate, i) => {
    const force = Math.max(Math.abs(chosenForce[i] ?? Number.NaN), Math.abs(rejectedForce[i] ?? Number.NaN));
    return force > 0 ? rate / force : rate;
  });
  return regionBelow(mesh, scaled);
}

/** The centre of mass of convex polygons: of the triangles that they are fans of. */
export function centreOf(polygons: readonly (readonly Point[])[]): Point {
  let [mass, x, y] = [0, 0, 0];
  for (const [first, ...others] of polygons) {
    for (const [i, b] of others.entries()) {
      const c = others[i + 1];
      if (!first || !c) continue;
      const area = Math.abs((b[0] - first[0]) * (c[1] - first[1]) - (c[0] - first[0]) * (b[1] - first[1]));
      mass += area;
      x += (area * (first[0] + b[0] + c[0])) / 3;
      y += (area * (first[1] + b[1] + c[1])) / 3;
    }
  }
  return mass > 0 ? [x / mass, y / mass] : [0, 0];
}

/** The settings after a change: the three corners stay apart, and another triangle of vectors begins as the toy has it. */
export function changeSimplex(settings: SimplexSettings, change: Partial<SimplexSettings>): SimplexSettings {
  const next = { ...settings, ...change };
  const corners = ['chosen', 'rejected', 'third'] as const;
  const changed = corners.find((corner) => change[corner] !== undefined && change[corner] !== settings[corner]);
  if (!changed) return next;
  // the corner that held the answer before takes the one that was given up
  const clash = corners.find((corner) => corner !== changed && next[corner] === next[changed]);
  const given = settings[changed];
  const swapped = clash ? { ...next, [clash]: given === 'rest' ? freeToken(next) : given } : next;
  return { ...swapped, angle: change.angle ?? null, distance: change.distance ?? null, reference: change.reference ?? null };
}

const freeToken = (settings: SimplexSettings): number =>
  tokens.findIndex((_, token) => token !== settings.chosen && token !== settings.rejected && token !== settings.third);
