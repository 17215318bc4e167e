import type { Experiment, Pair, SequenceFeaturesPolicy } from '../../../core/experiment.ts';
import { RandomStream, streams } from '../../../core/rng.ts';
import { logSoftmax } from '../../../core/softmax.ts';
import { dot } from '../../../core/vectors.ts';
import type { PairSetSettings } from './pair-set-settings.ts';

interface TokenPair extends Pair {
  chosen: number[];
  rejected: number[];
}
export interface PairSet {
  policy: SequenceFeaturesPolicy;
  pairs: TokenPair[];
}

const vocabulary = 12;
const dimensions = 6;
const responsesOfAPrompt = 8;
const longestResponse = 4;
/** 8 responses make 28 */
const pairsOfAPrompt = 10;
/** standard deviation of the entries of the hidden vectors and of the unembedding */
const [hiddenSize, unembeddingSize] = [2, 0.6];

/** β of the set's loss. */
export const setBeta = 0.1;
/** Updates of a run that trains the set together. */
export const updatesTogether = 60;
/** Updates of a run that trains a pair alone. */
export const updatesAlone = 20;
/** DPO with an SFT term, ℓ − λ log π(y_w): arXiv:2410.08847, Proposition 1. */
const expression = '-logsigmoid(beta * ((logp_w - ref_w) - (logp_l - ref_l))) - lambda * logp_w';

/** The letters that stand for a response's tokens. */
export const letters = (tokens: readonly number[]): string => tokens.map((token) => String.fromCharCode(65 + token)).join(' ');

/**
 * The unconstrained-features model of arXiv:2410.08847, section 4.1, with random vectors, and pairs of responses that begin with different
 * tokens. A prompt's responses are ordered once, so that no pairs contradict each other. The hidden vectors have a part in common, as those
 * of language models have: next tokens are then alike, and most coefficients of the paper's Theorem 6 are positive.
 */
export function pairSet({ seed, count, common, prefers }: PairSetSettings): PairSet {
  const random = new RandomStream(seed, streams.data);
  const vector = (): number[] => Array.from({ length: dimensions }, () => random.normal());
  const direction = vector();
  const shared = direction.map((value) => (value / Math.hypot(...direction)) * Math.sqrt(dimensions));
  const unembedding = Array.from({ length: vocabulary }, () => vector().map((value) => unembeddingSize * value));
  const prefixes: SequenceFeaturesPolicy['prefixes'] = [];
  const pairs: TokenPair[] = [];
  for (let prompt = 0; pairs.length < count; prompt++) {
    const hiddenOf = new Map<string, number[]>();
    const responses = random
      .permutation(vocabulary)
      .slice(0, responsesOfAPrompt)
      .map((first) => [first, ...Array.from({ length: random.below(longestResponse) }, () => random.below(vocabulary))]);
    for (const response of responses)
      for (const [t] of response.entries()) {
        const tokens = response.slice(0, t);
        if (hiddenOf.has(tokens.join())) continue;
        const hidden = vector().map((value, k) => hiddenSize * (Math.sqrt(1 - common) * value + Math.sqrt(common) * (shared[k] ?? 0)));
        hiddenOf.set(tokens.join(), hidden);
        prefixes.push({ prompt, tokens, hidden });
      }
    const logp = (response: readonly number[]): number =>
      response.reduce((sum, token, t) => {
        const hidden = hiddenOf.get(response.slice(0, t).join()) ?? [];
        return sum + (logSoftmax(unembedding.map((row) => dot(row, hidden)))[token] ?? Number.NaN);
      }, 0);
    // The order of the list is the order of preference; without sorting it is random.
    if (prefers === 'likelier') responses.sort((a, b) => logp(b) - logp(a));
    const every = responses.flatMap((chosen, place) =>
      responses.slice(place + 1).map((rejected): TokenPair => ({ prompt, chosen, rejected })),
    );
    const wanted = Math.min(pairsOfAPrompt, count - pairs.length);
    pairs.push(
      ...random
        .permutation(every.length)
        .slice(0, wanted)
        .flatMap((index) => every[index] ?? []),
    );
  }
  return { policy: { kind: 'sequence', form: 'features', prefixes, unembedding }, pairs };
}

/** The set, to be trained pair by pair on a sweep's axis of pairs. */
export const aloneExperiment = (set: PairSet): Experiment => ({
  ...set,
  objective: { expression, params: { beta: setBeta, lambda: 0 } },
  optimizer: { kind: 'sgd', learningRate: 0.2, steps: updatesAlone },
});

/** The pairs with the given indices trained together, their loss the mean over them; λ is the weight of the SFT term. */
export const togetherExperiment = ({ policy, pairs }: PairSet, kept: readonly number[], lambda = 0): Experiment => ({
  policy,
  pairs: kept.flatMap((index) => pairs[index] ?? []),
  objective: { expression, params: { beta: setBeta, lambda } },
  optimizer: { kind: 'sgd', learningRate: 2, steps: updatesTogether },
});
