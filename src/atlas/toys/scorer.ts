import type { Experiment, Group, Pair, Parameters } from '../../core/experiment.ts';
import { dot } from '../../core/vectors.ts';

export interface ScorerOptions {
  /** default 0.1 */
  readonly learningRate?: number;
  /** default 100 */
  readonly steps?: number;
  readonly weightDecay?: number;
  /** factor of the margin; default 1 */
  readonly beta?: number;
  /** factors of the comparisons' losses */
  readonly weights?: readonly number[];
  /** default DPO, which is the loss of a reward model where the scorer starts at 0 */
  readonly objective?: Experiment['objective'];
}

/**
 * Fits ⟨w, φ⟩ to comparisons by their differences of features, chosen less rejected: a reward model, and a log-linear policy alike, since
 * a loss of margins sees no normaliser. Each comparison is a prompt with two answers, whose logits are half the score and its opposite:
 * both halves move alike, so w moves at `learningRate` and decays at `weightDecay` as if it were one tensor. Adam.
 */
export function fitScorer(differences: readonly (readonly number[])[], options: ScorerOptions = {}): Omit<Experiment, 'seed'> {
  const { learningRate = 0.1, steps = 100, weightDecay = 0, beta = 1, weights } = options;
  const zero = new Array<number>(differences[0]?.length ?? 0).fill(0);
  return {
    policy: { kind: 'features', hidden: differences.map((row) => [...row]), unembedding: [zero, [...zero]], train: 'unembedding' },
    pairs: differences.map((_, prompt): Pair => ({ prompt, chosen: 0, rejected: 1, ...(weights ? { weight: weights[prompt] ?? 1 } : {}) })),
    objective: options.objective ?? { name: 'dpo', params: { beta } },
    optimizer: { kind: 'adam', learningRate: learningRate / 2, steps, ...(weightDecay > 0 ? { weightDecay: 2 * weightDecay } : {}) },
  };
}

/** The weights that a fitted scorer ended with. */
export function weightsOf({ final }: { readonly final: Parameters }): number[] {
  const both = Array.from(final['unembedding'] ?? []);
  const dimensions = both.length / 2;
  return both.slice(0, dimensions).map((value, i) => value - (both[dimensions + i] ?? 0));
}

export const subtract = (a: readonly number[], b: readonly number[]): number[] => a.map((value, i) => value - (b[i] ?? 0));

/**
 * Lists of responses, best first, by their features: one group each, all outcomes of one log-linear policy. Losses of lists see only how
 * the scores within one list differ.
 */
export function rankings(lists: readonly (readonly (readonly number[])[])[]): Pick<Experiment, 'policy' | 'pairs' | 'groups'> {
  const features = lists.flat().map((row) => [...row]);
  let at = 0;
  const groups = lists.map((list): Group => ({ prompt: 0, responses: list.map(() => at++) }));
  const start = new Array<number>(features[0]?.length ?? 0).fill(0);
  return { policy: { kind: 'logLinear', features, weights: [start] }, pairs: [], groups };
}

/** The weights that a log-linear policy on one prompt ended with. */
export const logLinearWeights = ({ final }: { readonly final: Parameters }): number[] => Array.from(final['weights'] ?? []);

/** Share of differences on which the weights agree with their sign, a tie counting half. */
export const pairAccuracy = (weights: readonly number[], differences: readonly (readonly number[])[]): number =>
  differences.reduce((sum, row) => sum + (1 + Math.sign(dot(weights, row))) / 2, 0) / differences.length;

/** The same differences, each turned so that a scorer with the true weights is right on it. */
export const turnedBy = (truth: readonly number[], differences: readonly (readonly number[])[]): number[][] =>
  differences.map((row) => (dot(truth, row) < 0 ? row.map((value) => -value) : [...row]));

/** The same differences, each turned as a Bradley–Terry judge with these weights prefers. */
export const judgedBy = (
  truth: readonly number[],
  differences: readonly (readonly number[])[],
  draws: { prefers(gap: number): boolean },
): number[][] => differences.map((row) => (draws.prefers(dot(truth, row)) ? [...row] : row.map((value) => -value)));
