import type { Experiment, Pair, SequenceFeaturesPolicy } from '../../../core/experiment.ts';
import { rankCorrelation } from '../../../core/rank-correlation.ts';
import type { Run } from '../../study.ts';
import { dot, matrixOf, normSq, plus, times, toyRandom, uniformOf, type Vector, vectorOf } from '../vectors.ts';

/**
 * A random unconstrained-features model in which CHES (arXiv:2410.08847, Definition 2) can be tried: every pair has a prompt of its own, and a
 * free hidden vector for each prefix. The rejected answer's vectors resemble the chosen one's to a degree that is drawn for each pair.
 */
export interface ChesSettings {
  readonly pairs: number;
  /** tokens of an answer: shortest and longest */
  readonly lengths: readonly [number, number];
  /** length of the unembedding of a token that every prediction favours; 0: predictions are nearly uniform */
  readonly common: number;
}

const vocabulary = 30;
const dimensions = 24;
/** of the hidden vectors off the common direction, and of the unembeddings */
const [hiddenSize, tokenSize] = [6, 0.1];

export function chesToy(
  seed: number,
  { pairs: count, lengths: [shortest, longest], common }: ChesSettings,
): Pick<Experiment, 'policy' | 'pairs'> {
  const random = toyRandom(seed);
  const raw = vectorOf(random, dimensions);
  const axis = times(1 / Math.sqrt(normSq(raw)), raw);
  const rows = matrixOf(random, vocabulary, dimensions, tokenSize / Math.sqrt(dimensions));
  const unembedding = rows.map((row, z) => (z === 0 && common > 0 ? times(common, axis) : row));
  const free = (): Vector => {
    const x = vectorOf(random, dimensions, hiddenSize / Math.sqrt(dimensions));
    return plus(x, times(-dot(x, axis), axis));
  };
  const along = (x: Vector): Vector => plus(times(1.5, axis), x);
  const prefixes: SequenceFeaturesPolicy['prefixes'] = [];
  const pairs = Array.from({ length: count }, (_, prompt): Pair => {
    const [likeness, size] = [uniformOf(random, -0.2, 1), uniformOf(random, 0.5, 1.6)];
    const answer = (): number[] =>
      Array.from({ length: shortest + random.below(longest - shortest + 1) }, () => 1 + random.below(vocabulary - 1));
    const [chosen, rejected] = [answer(), answer()];
    while (rejected[0] === chosen[0]) rejected[0] = 1 + random.below(vocabulary - 1);
    const own = chosen.map(free);
    prefixes.push(...own.map((x, k) => ({ prompt, tokens: chosen.slice(0, k), hidden: [...along(x)] })));
    for (let k = 1; k < rejected.length; k++) {
      const mixed = plus(times(likeness, own[k] ?? free()), times(Math.sqrt(1 - Math.min(1, likeness ** 2)), free()));
      prefixes.push({ prompt, tokens: rejected.slice(0, k), hidden: [...along(times(size, mixed))] });
    }
    return { prompt, chosen, rejected };
  });
  return { policy: { kind: 'sequence', form: 'features', prefixes, unembedding }, pairs };
}

/** DPO at its start, on such pairs. */
export const chesStart = (toy: Pick<Experiment, 'policy' | 'pairs'>, beta = 0.1): Experiment => ({
  ...toy,
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'sgd', learningRate: 0, steps: 0 },
});

/** How fast a step on each pair alone would raise its chosen answer, for each unit of -ℓ'. */
export const ratesOf = ({ trial: { diagnoses = [] } }: Pick<Run, 'trial'>): number[] =>
  diagnoses.map(({ chosenGradNormSq, innerProduct }) => chosenGradNormSq - innerProduct);

/** Spearman's rank correlation of CHES, or of its normalised form, with these rates. */
export const correlation = (run: Pick<Run, 'trial'>, which: 'ches' | 'chesNormalised' = 'ches'): number =>
  rankCorrelation(
    (run.trial.diagnoses ?? []).map(({ [which]: value }) => value ?? Number.NaN),
    ratesOf(run),
  );

/** Share of pairs whose preferred answer falls at first. */
export const fallers = (run: Pick<Run, 'trial'>): number => {
  const rates = ratesOf(run);
  return rates.filter((rate) => rate < 0).length / rates.length;
};
