import type { Experiment, FeaturesPolicy, Pair, PairDiagnosis } from '../../../core/experiment.ts';
import type { Outcome, Run, Task } from '../../study.ts';
import { at, matrixOf, toyRandom, vectorOf } from '../vectors.ts';

/** One prompt and eight tokens with random vectors of three numbers, and updates that push a winner up and a loser down. */
export const tokens = 8;
const step = 2 ** -6;

/** c₁ = 1 pushes the winner up, c₂ the loser down; c₂ = 0 is weighted maximum likelihood. */
export const update = (policy: Experiment['policy'], pairs: Pair[], c2: number, learningRate = 0, steps = 0): Experiment => ({
  policy,
  pairs,
  objective: { expression: 'c_2 * logp_l - c_1 * logp_w', params: { c_1: 1, c_2: c2 } },
  optimizer: { kind: 'sgd', learningRate, steps },
});

export function randomPolicy(seed: number): FeaturesPolicy {
  const random = toyRandom(seed);
  return { kind: 'features', hidden: [vectorOf(random, 3)], unembedding: matrixOf(random, tokens, 3) };
}

/** Token 0 against each other one. */
export const everyLoser = (): Pair[] => Array.from({ length: tokens - 1 }, (_, z) => ({ prompt: 0, chosen: 0, rejected: z + 1 }));

/** The pair whose gradients' inner product is the lowest, or the highest. */
function extremePair(diagnoses: readonly PairDiagnosis[], which: 'lowest' | 'highest'): Pair {
  const sign = which === 'lowest' ? 1 : -1;
  const order = [...diagnoses.keys()].sort((a, b) => sign * (at(diagnoses, a).innerProduct - at(diagnoses, b).innerProduct));
  return at(everyLoser(), at(order, 0));
}

/** A small step with the push on the loser of the extreme pair, and one without. */
export const withAndWithout = (policy: FeaturesPolicy, asked: Outcome | undefined, which: 'lowest' | 'highest', c2 = 1): Task[] =>
  [c2, 0].map((push) => update(policy, [extremePair(asked?.diagnoses ?? [], which)], push, step, 1));

/** What the push adds to log π of the winner, and of the loser. */
export function added({ trials: [pushed, plain] }: Pick<Run, 'trials'>): { winner: number; loser: number } {
  const gap = (name: string): number => (pushed?.measures[name] ?? Number.NaN) - (plain?.measures[name] ?? Number.NaN);
  return { winner: gap('chosenLogpChange'), loser: gap('rejectedLogpChange') };
}
