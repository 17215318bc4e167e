import type { Experiment, Pair, SequenceFeaturesPolicy } from '../../../core/experiment.ts';
import { at, matrixOf, plus, times, toyRandom, uniformOf, vectorOf } from '../vectors.ts';

const [words, width] = [12, 8];

/** Pairs that go on alike after the first word, with hidden vectors that are scaled copies; or pairs that share nothing but the prompt. */
export function linearPairs(seed: number, count: number, alike: boolean): Pick<Experiment, 'policy' | 'pairs'> {
  const random = toyRandom(seed + (alike ? 0 : 2 ** 20));
  const length = 5;
  const prefixes: SequenceFeaturesPolicy['prefixes'] = [];
  const pairs = Array.from({ length: count }, (_, prompt): Pair => {
    const answer = (): number[] => Array.from({ length }, () => random.below(words));
    const chosen = answer();
    const rejected = alike ? [...chosen] : answer();
    rejected[0] = (at(chosen, 0) + 1) % words;
    const own = chosen.map(() => vectorOf(random, width));
    const size = uniformOf(random, 0.6, 1.5);
    const other = own.map((x) => (alike ? plus(times(size, x), vectorOf(random, width, 0.1)) : vectorOf(random, width)));
    for (let k = 0; k < length; k++) {
      prefixes.push({ prompt, tokens: chosen.slice(0, k), hidden: [...at(own, k)] });
      if (k > 0) prefixes.push({ prompt, tokens: rejected.slice(0, k), hidden: [...at(other, k)] });
    }
    return { prompt, chosen, rejected };
  });
  return {
    policy: {
      kind: 'sequence',
      form: 'features',
      prefixes,
      unembedding: matrixOf(random, words, width, 1 / Math.sqrt(width)),
      train: 'unembedding',
    },
    pairs,
  };
}
