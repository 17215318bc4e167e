import type { RunOptions } from '../core/experiment.ts';
import { mean } from '../core/numerics.ts';
import type { Engine } from '../train/engine.ts';
import { judgeMean, judgeQuantile, judgeShare, type VerdictKind } from './verdict.ts';

type BackendKind = Engine['backend'];

/** What a claim may ask of an engine: calls that also run in the page's worker. */
export type ClaimEngine = Pick<Engine, 'backend' | 'train' | 'sweep' | 'diagnose' | 'trainOnPolicy' | 'matchTarget'>;

export interface ClaimOptions extends RunOptions {
  /** how many independent draws of the toy */
  seeds: number;
  /** the first of them; default 1 */
  seed?: number;
}

/** Why a claim that takes seconds a seed asks for the mean, or the median, where others ask for 95 % of all seeds. */
export const slowly = 'over few seeds: the 59 that “95 % of all seeds” takes would need minutes';

/** What decides whether a claim holds. */
export interface Requirement {
  /** on which side of the threshold a value must be; the threshold itself counts */
  readonly sense: 'at least' | 'at most';
  /** one for each engine where rounding is what is allowed */
  readonly threshold: number | Readonly<Record<BackendKind, number>>;
  /**
   * What must be there: a part of all seeds, between 0 and 1; their mean; a quantile of theirs; or each value, which is for what a proof
   * says of every seed: one miss refutes it, and a pass shows that the engine agrees with the proof.
   */
  readonly of: number | 'mean' | { readonly quantile: number } | 'each';
  /** where the threshold comes from */
  readonly reason: string;
}

/** A further number of a measurement, for the reader. */
export interface Fact {
  readonly label: string;
  readonly value: number;
}

export interface Measurement {
  /** one for each seed */
  readonly values: readonly number[];
  readonly facts: readonly Fact[];
}

export type { VerdictKind };

export interface Verdict {
  readonly kind: VerdictKind;
  /** values on the required side */
  readonly reached: number;
  readonly total: number;
  readonly mean: number;
  readonly lowest: number;
  readonly highest: number;
  /** sample standard deviation; NaN for one value */
  readonly deviation: number;
  readonly threshold: number;
}

export type PaperId = '2410.08847' | '2410.13828' | '2404.14367';

/** A sentence of a paper, or about it, as an experiment that can fail. */
export interface Claim {
  /** in links */
  readonly id: string;
  readonly paper: PaperId;
  /** the theorem or section; where the sentence is a reading of the paper, what it is about */
  readonly where: string;
  readonly title: string;
  /** in one sentence, for everybody */
  readonly statement: string;
  /** the same as a formula */
  readonly exact: { readonly tex: string; readonly plain: string };
  /** what is set up, with sizes */
  readonly setup: string;
  /** what one value is */
  readonly measured: string;
  readonly unit?: string;
  readonly scale?: 'linear' | 'log';
  readonly requirement: Requirement;
  /** seeds that the page begins with */
  readonly seeds: number;
  /** the verdict that is known to come out; negative results are told as such */
  readonly expected: Exclude<VerdictKind, 'inconclusive'>;
  /** for a negative result: what is true instead */
  readonly instead?: string;
  measure(engine: ClaimEngine, options: ClaimOptions): Promise<Measurement>;
}

export const thresholdOn = ({ threshold }: Requirement, backend: BackendKind): number =>
  typeof threshold === 'number' ? threshold : threshold[backend];

/**
 * Judges the values of a measurement: shares and quantiles of all seeds by exact binomial bounds, a mean by Student's interval, each 95 %
 * on either side. Too few seeds are inconclusive, and so is a value that is not finite.
 */
export function judge({ values }: Pick<Measurement, 'values'>, requirement: Requirement, backend: BackendKind): Verdict {
  const threshold = thresholdOn(requirement, backend);
  const sign = requirement.sense === 'at least' ? 1 : -1;
  const total = values.length;
  const reached = values.filter((value) => sign * (value - threshold) >= 0).length;
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (total - 1));
  const kind = ((): VerdictKind => {
    if (total === 0 || !values.every(Number.isFinite)) return 'inconclusive';
    const { of } = requirement;
    if (of === 'each') return reached === total ? 'holds' : 'does not hold';
    if (typeof of === 'number') return judgeShare(reached, total, of);
    // "at most" is "at least" of the values turned over
    const turned = values.map((value) => sign * value);
    if (of === 'mean') return judgeMean(turned, sign * threshold);
    return judgeQuantile(turned, sign === 1 ? of.quantile : 1 - of.quantile, sign * threshold);
  })();
  return { kind, reached, total, mean: centre, deviation, threshold, lowest: Math.min(...values), highest: Math.max(...values) };
}

/** Measures a claim and judges it. Rejects as the engine does, or with the signal's reason. */
export async function checkClaim(claim: Claim, engine: ClaimEngine, options: ClaimOptions): Promise<Measurement & { verdict: Verdict }> {
  const measurement = await claim.measure(engine, options);
  return { ...measurement, verdict: judge(measurement, claim.requirement, engine.backend) };
}

/** The seeds that the options ask for. */
export const seedsOf = ({ seeds, seed = 1 }: ClaimOptions): number[] => Array.from({ length: seeds }, (_, index) => seed + index);

/** The same options for one of `count` calls: its progress is a part of the whole's. */
export function partOf({ signal, onProgress }: RunOptions, index: number, count: number): RunOptions {
  return {
    ...(signal ? { signal } : {}),
    onProgress: (done, total) => onProgress?.(index + (total > 0 ? done / total : 0), count),
  };
}

/** Does something for each seed, one after the other. */
export async function forSeeds<T>(options: ClaimOptions, each: (seed: number, run: RunOptions) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (const [index, seed] of seedsOf(options).entries()) {
    options.signal?.throwIfAborted();
    results.push(await each(seed, partOf(options, index, options.seeds)));
    options.onProgress?.(index + 1, options.seeds);
  }
  return results;
}

/** A measurement of values that need no more explanation. */
export const measurementOf = (values: readonly number[], facts: readonly Fact[] = []): Measurement => ({ values, facts });

/** What one seed measures, measured for each of them. */
export const seedBySeed =
  (each: (engine: ClaimEngine, seed: number) => Promise<number>): Claim['measure'] =>
  async (engine, options) =>
    measurementOf(await forSeeds(options, (seed) => each(engine, seed)));

/** A number for each seed, by what it is of. */
interface Arm {
  readonly label: string;
  readonly values: readonly number[];
}

/** Of two numbers of each seed, what `combine` makes of them; for the reader, the mean of either. */
export const comparisonOf = (combine: (a: number, b: number) => number, a: Arm, b: Arm): Measurement =>
  measurementOf(
    a.values.map((value, seed) => combine(value, b.values[seed] ?? Number.NaN)),
    [a, b].map(({ label, values }) => ({ label, value: mean(values) })),
  );

/** How much more the first is than the second. */
export const differenceOf = (a: Arm, b: Arm): Measurement => comparisonOf((x, y) => x - y, a, b);
