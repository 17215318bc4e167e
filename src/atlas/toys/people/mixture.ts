import type { Experiment, Pair, Policy } from '../../../core/experiment.ts';
import { logSigmoid } from '../../../core/numerics.ts';
import { softmax } from '../../../core/softmax.ts';
import type { Stage, Task, World } from '../../study.ts';
import { Draws } from '../draws.ts';

/** A comparison and who made it. */
export interface Annotated {
  readonly annotator: number;
  readonly chosen: number;
  readonly rejected: number;
}

/** How much each annotator belongs to each cluster: [annotator][cluster], rows sum to 1. */
export type Shares = readonly (readonly number[])[];

/** What is fitted by expectation maximisation: a score of items for each cluster of annotators. */
export interface Mixture {
  /** clusters are its prompts and items its outcomes; each M-step begins here */
  readonly policy: Policy;
  readonly clusters: number;
  readonly items: number;
  readonly annotators: number;
  readonly compared: readonly Annotated[];
  /** how often it begins anew, from other random clusters; the likeliest end is kept */
  readonly restarts: number;
  /** hard: each annotator in the likeliest cluster alone (arXiv:2402.08925); soft: in each by its posterior, under a uniform prior */
  readonly eStep: 'hard' | 'soft';
  /** updates of an M-step, and its rate; Adam */
  readonly steps: number;
  readonly learningRate: number;
}

const oneOf = (count: number, chosen: number): number[] => Array.from({ length: count }, (_, c) => Number(c === chosen));

/** M-step: a Bradley–Terry model of each cluster, a comparison counting as much as its annotator belongs there; equal ones are added up. */
export function fitClusters({ policy, compared, steps, learningRate }: Mixture, shares: Shares): Experiment {
  const weights = new Map<string, number>();
  for (const { annotator, chosen, rejected } of compared)
    for (const [cluster, share] of (shares[annotator] ?? []).entries()) {
      const key = [cluster, chosen, rejected].join();
      if (share > 0) weights.set(key, (weights.get(key) ?? 0) + share);
    }
  const pairs = [...weights].map(([key, weight]): Pair => {
    const [prompt = 0, chosen = 0, rejected = 0] = key.split(',').map(Number);
    return { prompt, chosen, rejected, weight };
  });
  return { policy, pairs, objective: { expression: '-logsigmoid(logp_w - logp_l)' }, optimizer: { kind: 'adam', learningRate, steps } };
}

type Fitted = { readonly outcomeLogps?: readonly number[] };

/** log P(chosen ≻ rejected) in a cluster. */
export const logChance = ({ outcomeLogps = [] }: Fitted, items: number, cluster: number, { chosen, rejected }: Annotated): number =>
  logSigmoid((outcomeLogps[cluster * items + chosen] ?? Number.NaN) - (outcomeLogps[cluster * items + rejected] ?? Number.NaN));

/** [annotator][cluster] log-likelihood of all that an annotator said. */
export function likelihoods({ clusters, items, annotators, compared }: Mixture, fitted: Fitted): number[][] {
  const sums = Array.from({ length: annotators }, () => new Array<number>(clusters).fill(0));
  for (const one of compared)
    for (const [cluster, sum] of (sums[one.annotator] ?? []).entries())
      (sums[one.annotator] ?? [])[cluster] = sum + logChance(fitted, items, cluster, one);
  return sums;
}

/** The place of the largest. */
export const likeliest = (row: readonly number[]): number => row.indexOf(Math.max(...row));

/** E-step. */
export const assigned = ({ eStep, clusters }: Mixture, rows: readonly (readonly number[])[]): Shares =>
  rows.map((row) => (eStep === 'hard' ? oneOf(clusters, likeliest(row)) : softmax(row)));

/** How likely all annotators are, each in its likeliest cluster. */
export const totalOf = (rows: readonly (readonly number[])[]): number => rows.reduce((sum, row) => sum + Math.max(...row), 0);

/** Of the restarts' fits the likeliest, by its place. */
export const bestOf = (mixture: Mixture, fits: readonly Fitted[]): number =>
  likeliest(fits.map((fitted) => totalOf(likelihoods(mixture, fitted))));

/**
 * Expectation maximisation as the stages of an arm: `rounds` M-steps, the first with annotators in clusters at random, each later one with
 * those of the E-step on the fit before it. Each stage gives a trial for each restart.
 */
export function maximisation<Truth>(
  mixtureOf: (world: World<Truth>) => Mixture,
  rounds: number,
): { train: Stage<Truth>; next: Stage<Truth>[] } {
  const begin = (world: World<Truth>): Task[] => {
    const mixture = mixtureOf(world);
    return Array.from({ length: mixture.restarts }, (_, restart) => {
      const draws = new Draws(world.seed, 100 + restart);
      const shares = Array.from({ length: mixture.annotators }, () => oneOf(mixture.clusters, draws.below(mixture.clusters)));
      return fitClusters(mixture, shares);
    });
  };
  const again: Stage<Truth> = (world, fits) => {
    const mixture = mixtureOf(world);
    return fits.map((fitted) => fitClusters(mixture, assigned(mixture, likelihoods(mixture, fitted))));
  };
  return { train: begin, next: Array.from({ length: rounds - 1 }, () => again) };
}
