import { RandomStream, streams } from '../../core/rng.ts';

/** What toys of random vectors are made of. Vectors are lists of numbers, matrices row-major lists of rows. */
export type Vector = readonly number[];

export const toyRandom = (seed: number): RandomStream => new RandomStream(seed, streams.toys);

export const vectorOf = (random: RandomStream, size: number, deviation = 1): number[] =>
  Array.from({ length: size }, () => deviation * random.normal());

export const matrixOf = (random: RandomStream, rows: number, columns: number, deviation = 1): number[][] =>
  Array.from({ length: rows }, () => vectorOf(random, columns, deviation));

export const uniformOf = (random: RandomStream, low: number, high: number): number => low + (high - low) * random.uniform();

/** The entry, which is known to be there. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`There is no entry ${index}.`);
  return value;
}

export const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, i) => sum + x * at(b, i), 0);
export const plus = (a: Vector, b: Vector): number[] => a.map((x, i) => x + at(b, i));
export const minus = (a: Vector, b: Vector): number[] => a.map((x, i) => x - at(b, i));
export const times = (factor: number, a: Vector): number[] => a.map((x) => factor * x);
export const normSq = (a: Vector): number => dot(a, a);

export const worst = (values: Iterable<number>): number => {
  let most = 0;
  for (const value of values) most = Number.isNaN(value) ? value : Math.max(most, Math.abs(value));
  return most;
};

/** Unit roundoff of float32: half the distance from 1 to the next number. */
export const float32Roundoff = 2 ** -24;
