import type { Experiment, FeaturesPolicy, Pair, SequenceFeaturesPolicy } from '../../../core/experiment.ts';
import { softmax } from '../../../core/softmax.ts';
import type { Task } from '../../study.ts';
import { at, dot, matrixOf, minus, normSq, plus, times, toyRandom, type Vector, vectorOf, worst } from '../vectors.ts';

/** The unconstrained-features model of arXiv:2410.08847, section 4.1, with random vectors, and its theorems. */

const d = 3;
/** Tokens of the pair where answers are single tokens. */
export const [chosen, rejected] = [0, 1];

/** DPO at its start, where no update is asked for. */
export const still = (policy: Experiment['policy'], pairs: Pair[], beta = 0.3): Experiment => ({
  policy,
  pairs,
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
});

/**
 * Asks for the first-order rates of the pair's answers, and of others, under the loss of the pair alone: others are chosen in pairs of
 * weight 0. The mean over pairs divides each rate by how many there are.
 */
export const watched = (policy: Experiment['policy'], pair: Pair, others: readonly Pair['chosen'][] = [], beta = 0.3): Task => ({
  diagnose: still(policy, [pair, ...others.map((other): Pair => ({ ...pair, chosen: other, weight: 0 }))], beta),
});

/** The largest difference, where values of size 1 and more are compared by their ratio. */
export const difference = (measured: Vector, exact: Vector): number =>
  worst(measured.map((value, i) => value - at(exact, i))) / Math.max(1, worst(exact));

export const randomFeatures = (seed: number, tokens = 6): FeaturesPolicy => {
  const random = toyRandom(seed);
  return { kind: 'features', hidden: [vectorOf(random, d)], unembedding: matrixOf(random, tokens, d), train: 'both' };
};

/** Theorems 4 and 5: d log π / dt of the chosen token and of the tokens outside the pair, for each unit of -ℓ'. */
export function tokenTheorems({ hidden, unembedding: W }: FeaturesPolicy) {
  const h = at(hidden, 0);
  const pi = softmax(W.map((row) => dot(row, h)));
  const [p, m] = [at(pi, chosen), at(pi, rejected)];
  const dW = minus(at(W, chosen), at(W, rejected));
  const others = W.map((_, z) => z).filter((z) => z !== chosen && z !== rejected);
  const own = (1 - p) * normSq(at(W, chosen)) + m * normSq(at(W, rejected)) + (1 - p + m) * normSq(h);
  const probable = others.reduce((sum, z) => sum + at(pi, z) * dot(at(W, z), dW), 0);
  const shared = (m - p) * normSq(h) - W.reduce((sum, row, z) => sum + at(pi, z) * dot(row, dW), 0);
  return {
    others,
    chosenRate: own - (1 - p + m) * dot(at(W, chosen), at(W, rejected)) - probable,
    alignment: others.map((z) => dot(at(W, z), dW)),
    otherRates: others.map((z) => dot(at(W, z), dW) + shared),
  };
}

/** A free hidden vector for every prefix of the responses, one prompt. */
export function sequenceFeatures(seed: number, responses: readonly (readonly number[])[]): SequenceFeaturesPolicy {
  const random = toyRandom(seed);
  const prefixes = responses.flatMap((tokens) => tokens.map((_, k) => tokens.slice(0, k)));
  const distinct = [...new Map(prefixes.map((tokens) => [tokens.join(), tokens])).values()];
  return {
    kind: 'sequence',
    form: 'features',
    prefixes: distinct.map((tokens) => ({ prompt: 0, tokens, hidden: vectorOf(random, d) })),
    unembedding: matrixOf(random, 5, d, 0.7),
  };
}

export const longAnswers = { chosen: [0, 2, 3, 2], rejected: [1, 2, 2], other: [4, 0, 2] };

/** Theorems 6 and 7, for each unit of -ℓ', and CHES. */
export function sequenceTheorems({ prefixes, unembedding: W }: SequenceFeaturesPolicy) {
  const { chosen: yes, rejected: no, other } = longAnswers;
  const hiddenOf = (tokens: Vector, k: number): Vector =>
    prefixes.find((prefix) => prefix.tokens.join() === tokens.slice(0, k).join())?.hidden ?? [];
  const piOf = (tokens: Vector, k: number): number[] => softmax(W.map((row) => dot(row, hiddenOf(tokens, k))));
  const residual = (tokens: Vector, k: number): number[] => piOf(tokens, k).map((x, v) => Number(v === tokens[k]) - x);
  /** Σ_{k,k'} ⟨residuals⟩ ⟨hidden vectors⟩ */
  const cross = (a: Vector, b: Vector): number =>
    a.reduce(
      (sum, _, k) => sum + b.reduce((inner, __, l) => inner + dot(residual(a, k), residual(b, l)) * dot(hiddenOf(a, k), hiddenOf(b, l)), 0),
      0,
    );
  const pi = piOf(yes, 0);
  const [Wp, Wm] = [at(W, chosen), at(W, rejected)];
  const dW = minus(Wp, Wm);
  const first =
    -(1 - at(pi, chosen) + at(pi, rejected)) * dot(Wp, Wm) -
    W.reduce((sum, row, v) => sum + (v === chosen || v === rejected ? 0 : at(pi, v) * dot(row, dW)), 0);
  const spread = yes.slice(1).reduce((sum, token, k) => {
    const centre = W.reduce((total, row, v) => plus(total, times(at(piOf(yes, k + 1), v), row)), new Array<number>(d).fill(0));
    return sum + normSq(minus(at(W, token), centre));
  }, 0);
  const own = (1 - at(pi, chosen)) * normSq(Wp) + at(pi, rejected) * normSq(Wm) + spread;
  const shared = -W.reduce((sum, row, v) => sum + at(pi, v) * dot(row, dW), 0);
  const sumOf = (tokens: Vector): Vector => tokens.map((_, k) => hiddenOf(tokens, k)).reduce(plus);
  const [sPlus, sMinus] = [sumOf(yes), sumOf(no)];
  return {
    rates: [own + first - cross(yes, no) + cross(yes, yes), shared + dot(at(W, at(other, 0)), dW) - cross(other, no) + cross(other, yes)],
    ches: [dot(sPlus, sMinus) - normSq(sPlus), dot(sPlus, sMinus) / (yes.length * no.length) - normSq(sPlus) / yes.length ** 2],
  };
}
