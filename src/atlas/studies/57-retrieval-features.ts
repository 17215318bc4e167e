import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, judgedBy, pairAccuracy, turnedBy, weightsOf } from '../toys/scorer.ts';

const [general, retrieval, tests] = [6, 4, 1000];

interface Truth {
  readonly specific: number[][];
  /** comparisons that turn on what only retrieval brings in */
  readonly test: number[][];
}

const blank = (row: readonly number[]): number[] => row.map((value, i) => (i < general ? value : 0));

export const study = defineStudy<Truth>()({
  id: '57-retrieval-features',
  finding: 'Here, what no comparison showed gets no weight',
  mechanism:
    'The paper is a benchmark of reward models for answers that are written from retrieved sources. The toy beside it is an analogy: a reward model that has never seen vary what matters in such answers has nothing to weigh it by.',
  setup:
    'Six general features and four of retrieval; 300 comparisons in which the latter do not vary, or do; tests that mostly turn on them.',
  headline: '45 reward models on 18 subsets: the benchmark itself cannot be run here.',
  leavesOut:
    'An analogy, true by construction: the general model lacks what the tests ask, so there is no claim here. Only how much that costs is found out; the evidence is the benchmark.',
  tex: '-\\log\\sigma(r_w-r_l)',
  parameters: {
    pairs: { label: 'Comparisons', symbol: 'n', min: 50, max: 2000, default: 300, integer: true },
    weight: { label: 'Deviation of the retrieval weights', symbol: '\\sigma', min: 0, max: 4, default: 1.5 },
  },
  toy: (seed, { pairs, weight }) => {
    const draws = new Draws(seed);
    const weights = [...draws.normals(general), ...draws.normals(retrieval, weight)];
    const specific = judgedBy(weights, draws.normalRows(pairs, general + retrieval), draws);
    const common = judgedBy(weights, draws.normalRows(pairs, general + retrieval).map(blank), draws);
    const test = draws.normalRows(tests, general + retrieval).map((row) => row.map((value, i) => (i < general ? 0.4 * value : value)));
    return { experiment: fitScorer(common), truth: { specific, test: turnedBy(weights, test) } };
  },
  arms: {
    general: { label: 'General comparisons', train: ({ experiment }) => experiment },
    retrieval: { label: 'Comparisons with retrieval', train: ({ truth }) => fitScorer(truth.specific) },
  },
  measures: { accuracy: { label: 'accuracy on retrieval tests', of: ({ truth, trial }) => pairAccuracy(weightsOf(trial), truth.test) } },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [],
  seeds: { page: 16, test: 3 },
});
