import type { Experiment, Pair, RecordedStep } from '../../../core/experiment.ts';
import type { Run, Stage, StudyParameter, Values } from '../../study.ts';
import { at, matrixOf, plus, times, toyRandom, vectorOf } from '../vectors.ts';

const [words, width, length] = [12, 8, 6];
/** Steps of a run. */
export const updates = 30;

export type Remedy = 'dpo' | 'normalised' | 'sparse';

/**
 * Six words that differ in the first, the rejected answer's hidden vectors `ratio` times as long, one trained layer: DPO, the same with
 * normalised gradients, or on the first word alone. The whole answer is the last pair.
 */
export function remedy(seed: number, ratio: number, kind: Remedy, beta = 0.1): Experiment {
  const random = toyRandom(seed);
  const chosen = Array.from({ length }, () => random.below(words));
  const rejected = [(at(chosen, 0) + 1) % words, ...chosen.slice(1)];
  const own = chosen.map(() => vectorOf(random, width));
  const prefixes = own.flatMap((x, k) => [
    { prompt: 0, tokens: chosen.slice(0, k), hidden: [...x] },
    ...(k > 0 ? [{ prompt: 0, tokens: rejected.slice(0, k), hidden: plus(times(ratio, x), vectorOf(random, width, 0.1)) }] : []),
  ]);
  const unembedding = matrixOf(random, words, width, 1 / Math.sqrt(width));
  const whole: Pair = { prompt: 0, chosen, rejected };
  // trained on the first word alone, the whole answer is only watched; the mean over pairs halves the loss, which the weight makes good
  const first: Pair = { prompt: 0, chosen: chosen.slice(0, 1), rejected: rejected.slice(0, 1), weight: 2 };
  return {
    policy: { kind: 'sequence', form: 'features', prefixes, unembedding, train: 'unembedding' },
    pairs: kind === 'sparse' ? [first, { ...whole, weight: 0 }] : [whole],
    objective: { name: 'dpo', params: { beta } },
    optimizer:
      kind === 'normalised'
        ? { kind: 'normalised-pair', learningRate: 0.01, steps: updates }
        : { kind: 'sgd', learningRate: 0.2, steps: updates },
  };
}

/** Changes of ln π of the whole preferred answer, and of the margin, before each update and after the last. */
export interface Changes {
  readonly chosen: readonly number[];
  readonly margin: readonly number[];
}

export function changesOf(steps: readonly RecordedStep[]): Changes {
  const last = (values: readonly number[]): number => values.at(-1) ?? Number.NaN;
  const since = (value: (step: RecordedStep) => number): number[] => steps.map((step) => value(step) - value(at(steps, 0)));
  return {
    chosen: since(({ chosenLogps }) => last(chosenLogps)),
    margin: since(({ chosenLogps, rejectedLogps }) => last(chosenLogps) - last(rejectedLogps)),
  };
}

/** Change of the preferred answer where the margin first gained so much, between two updates by a straight line. */
export function chosenAtMargin({ chosen, margin }: Changes, gained: number): number {
  const after = margin.findIndex((value) => value >= gained);
  if (after < 1) return Number.NaN; // it never gained so much, or there was nothing to gain
  const [low, high] = [at(margin, after - 1), at(margin, after)];
  return at(chosen, after - 1) + ((at(chosen, after) - at(chosen, after - 1)) * (gained - low)) / (high - low);
}

const trained =
  (kind: Remedy): Stage<null> =>
  ({ seed, values: { ratio = 1 } }) =>
    remedy(seed, ratio, kind);

/** What studies of the remedies have in common: rejected vectors `usual` times as long, an arm for each remedy, and where each ends. */
export const remedies = (usual: number) => ({
  tex: String.raw`\theta\leftarrow\theta+\eta\Big(\tfrac{g_w}{\|g_w\|}-\tfrac{g_l}{\|g_l\|}\Big)`,
  parameters: {
    ratio: { label: 'Length of the rejected vectors', symbol: 'r', min: 0.5, max: 2, default: usual } satisfies StudyParameter,
  },
  toy: (seed: number, { ratio }: Values<'ratio'>) => ({ experiment: remedy(seed, ratio, 'dpo'), truth: null }),
  arms: {
    dpo: { label: 'DPO', train: trained('dpo') },
    normalised: { label: 'Normalised gradients', train: trained('normalised') },
    sparse: { label: 'The first word alone', train: trained('sparse') },
  },
  measures: {
    chosen: {
      label: 'change of ln π of the whole preferred answer',
      unit: 'nats',
      of: ({ trial: { steps = [] } }: Run<null>) => changesOf(steps).chosen.at(-1) ?? Number.NaN,
    },
    margin: {
      label: 'margin gained',
      unit: 'nats',
      of: ({ trial: { steps = [] } }: Run<null>) => changesOf(steps).margin.at(-1) ?? Number.NaN,
    },
  },
});
