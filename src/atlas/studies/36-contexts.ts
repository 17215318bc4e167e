import { sigmoid } from '../../core/numerics.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, judgedBy, pairAccuracy, weightsOf } from '../toys/scorer.ts';

const [contexts, dimensions, tests] = [4, 8, 1000];
const common = [0.55, 0.2, 0.15, 0.1];

interface Truth {
  /** comparisons without, and with, the context that they were made in */
  readonly plain: number[][];
  readonly test: { readonly plain: number[][]; readonly known: number[][] };
  /** [context] true weights */
  readonly weights: number[][];
  /** an estimate of how common the contexts are */
  readonly guess: number[];
}

/** The features in the block of their context. */
const within = (context: number, row: readonly number[]): number[] =>
  Array.from({ length: contexts }, (_, c) => (c === context ? [...row] : row.map(() => 0))).flat();

/** By how much the error of the mixture exceeds the sum of its two parts, at worst over the tests. */
function excess({ truth, trial }: Run<Truth>): number {
  const fitted = weightsOf(trial);
  return Math.max(
    ...truth.test.plain.map((row) => {
      const [real, model] = [
        truth.weights.map((w) => sigmoid(dot(w, row))),
        Array.from({ length: contexts }, (_, c) => sigmoid(dot(fitted, within(c, row)))),
      ];
      const mixture = Math.abs(dot(real, common) - dot(model, truth.guess));
      const conditional = common.reduce((sum, p, c) => sum + p * Math.abs((real[c] ?? 0) - (model[c] ?? 0)), 0);
      const ofContexts = common.reduce((sum, p, c) => sum + Math.abs(p - (truth.guess[c] ?? 0)), 0) / 2;
      return mixture - conditional - ofContexts;
    }),
  );
}

export const study = defineStudy<Truth>()({
  id: '36-contexts',
  finding: 'Knowing the context can make judges more accurate',
  mechanism:
    'Judge in two steps: which context is meant, then which answer is better in it. The error of the whole is at most the sum of the errors of both steps.',
  setup:
    'Four contexts with weights of their own on eight features, met with 55, 20, 15 and 10 %; 400 comparisons; tests in which all are equally common.',
  leavesOut:
    'The context of each comparison is given, as in the paper’s own data; choosing it, the first step, is not tried. The paper’s constants in the bound were not seen, these are ours.',
  tex: '|p(y)-\\hat p(y)|\\le\\mathbb E_c|p(y\\mid c)-\\hat p(y\\mid c)|+\\tfrac12\\|p(c)-\\hat p(c)\\|_1',
  provenance: 'our reading',
  parameters: { pairs: { label: 'Comparisons', symbol: 'n', min: 50, max: 2000, default: 400, integer: true } },
  toy: (seed, { pairs }) => {
    const draws = new Draws(seed);
    const weights = draws.normalRows(contexts, dimensions);
    const compare = (context: number) => {
      const row = draws.normals(dimensions);
      return judgedBy(weights[context] ?? [], [row], draws)[0] ?? row;
    };
    const met = Array.from({ length: pairs }, () => draws.categorical(common));
    const plain = met.map(compare);
    const asked = Array.from({ length: tests }, (_, i) => i % contexts);
    const tested = asked.map((context) => {
      const row = draws.normals(dimensions);
      return dot(weights[context] ?? [], row) < 0 ? row.map((value) => -value) : row;
    });
    const rough = common.map((p) => Math.abs(p + 0.05 * draws.normal()));
    const total = rough.reduce((sum, p) => sum + p, 0);
    return {
      experiment: fitScorer(plain.map((row, i) => within(met[i] ?? 0, row))),
      truth: {
        plain,
        test: { plain: tested, known: tested.map((row, i) => within(asked[i] ?? 0, row)) },
        weights,
        guess: rough.map((p) => p / total),
      },
    };
  },
  arms: {
    known: { label: 'Context known', train: ({ experiment }) => experiment },
    blind: { label: 'Without context', train: ({ truth }) => fitScorer(truth.plain) },
  },
  measures: {
    accuracy: {
      label: 'accuracy where all contexts are equally common',
      of: ({ truth, trial }) => {
        const weights = weightsOf(trial);
        return pairAccuracy(weights, weights.length === dimensions ? truth.test.plain : truth.test.known);
      },
    },
    excess: { label: 'error above its bound', of: (run) => (weightsOf(run.trial).length === dimensions ? Number.NaN : excess(run)) },
  },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [
    {
      id: 'context-counts',
      statement:
        'With 400 comparisons a reward model that knows the context is, in most seeds, more accurate than one that does not, by at least 10 percentage points, on tests in which all contexts are equally common.',
      where: 'context-specific preferences',
      kind: 'empirical',
      refutedBy: 'more than one seed in five with a smaller gain',
      left: ['known', 'accuracy'],
      right: ['blind', 'accuracy'],
      by: { share: 0.8 },
      bound: { atLeast: 0.1 },
      because: 'six deviations of what 1000 tests leave',
      expected: 'holds',
    },
    {
      id: 'error-splits',
      statement: 'The error over all contexts is at most the error within them plus that of how common they are.',
      where: 'the bound by context error and conditional error',
      kind: 'identity',
      refutedBy: 'one test of one seed',
      left: ['known', 'excess'],
      by: 'each',
      bound: { atMost: 1e-9 },
      because: 'a proof; both sides are computed in 64-bit numbers from the trained weights, whichever engine trained them',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 2 },
});
