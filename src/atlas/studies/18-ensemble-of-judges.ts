import type { Trial } from '../../core/trial.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, pairAccuracy, turnedBy, weightsOf } from '../toys/scorer.ts';

const [dimensions, members, tests] = [20, 6, 1500];
const fit = { learningRate: 0.15, steps: 30 };

interface Truth {
  readonly pairs: number[][];
  /** 1 where the label was turned round */
  readonly flipped: number[];
  /** [member][pair] how often its bootstrap drew the pair */
  readonly bootstraps: number[][];
  readonly test: number[][];
}

/** Places of the pairs that the members which did not see them doubt most. */
function doubted({ pairs, bootstraps }: Truth, ensemble: readonly Trial[], share: number): Set<number> {
  const weights = ensemble.map(weightsOf);
  const strengths = pairs.map((row, i) => {
    const outside = weights.filter((_, m) => bootstraps[m]?.[i] === 0);
    const asked = outside.length > 0 ? outside : weights;
    return asked.reduce((sum, w) => sum + dot(w, row), 0) / asked.length;
  });
  const order = [...pairs.keys()].sort((a, b) => (strengths[a] ?? 0) - (strengths[b] ?? 0));
  return new Set(order.slice(0, Math.round(share * pairs.length)));
}

export const study = defineStudy<Truth>()({
  id: '18-ensemble-of-judges',
  finding: 'An ensemble’s lowest ratings are often wrong labels',
  mechanism:
    'Reward models that were fitted to different samples of the data tend to disagree with wrong labels together. Where a quarter of the labels flip at random, the pairs that they rate lowest are mostly mislabelled.',
  setup:
    'Reward models on 20 features; 500 comparisons, a quarter of the labels turned round; six bootstraps, each pair rated by those that did not draw it, and by all six where all drew it (about one pair in sixteen).',
  leavesOut:
    'Labels flip at random, whatever the pair; people err more often where a pair is hard. The paper fits its ten models to the same pairs in other orders, and rates each pair by all of them; bootstraps are the page’s choice. As a remedy, dropping the doubtful pairs is the page’s choice, too: the paper turns such labels round, or smooths them. Its margin term, and its second half, contrastive and meta-learning, are not shown.',
  tex: '\\hat\\mu=\\frac1M\\sum_{m}\\big[r_m(y_w)-r_m(y_l)\\big],\\quad\\text{lowest fifth: here dropped}',
  parameters: {
    pairs: { label: 'Comparisons', symbol: 'n', min: 50, max: 2000, default: 500, integer: true },
    flips: { label: 'Labels turned round', symbol: '\\varepsilon', min: 0, max: 0.45, default: 0.25 },
    share: { label: 'Share that is flagged', symbol: 'q', min: 0.02, max: 0.5, default: 0.2 },
  },
  toy: (seed, { pairs: count, flips }) => {
    const draws = new Draws(seed);
    const truth = draws.normals(dimensions, 3 / Math.sqrt(dimensions));
    const flipped = draws.coins(count, flips);
    const pairs = turnedBy(truth, draws.normalRows(count, dimensions)).map((row, i) => (flipped[i] ? row.map((value) => -value) : row));
    const bootstraps = Array.from({ length: members }, () => {
      const times = new Array<number>(count).fill(0);
      for (let i = 0; i < count; i++) {
        const drawn = draws.below(count);
        times[drawn] = (times[drawn] ?? 0) + 1;
      }
      return times;
    });
    return {
      experiment: fitScorer(pairs, fit),
      truth: { pairs, flipped, bootstraps, test: turnedBy(truth, draws.normalRows(tests, dimensions)) },
    };
  },
  arms: {
    plain: { label: 'All labels', train: ({ experiment }) => experiment },
    cleaned: {
      label: 'Lowest fifth dropped',
      train: ({ truth: { pairs, bootstraps } }) => bootstraps.map((weights) => fitScorer(pairs, { ...fit, weights })),
      next: [
        ({ truth, values: { share = 0 } }, ensemble) => {
          const low = doubted(truth, ensemble, share);
          return fitScorer(truth.pairs, { ...fit, weights: truth.pairs.map((_, i) => (low.has(i) ? 0 : 1)) });
        },
      ],
    },
  },
  measures: {
    accuracy: { label: 'accuracy on new comparisons', of: ({ truth, trial }) => pairAccuracy(weightsOf(trial), truth.test) },
    precision: {
      label: 'flagged pairs that are mislabelled',
      of: ({ truth, before, values: { share = 0 } }) => {
        if (before.length === 0) return Number.NaN;
        const low = [...doubted(truth, before, share)];
        return low.reduce((sum, i) => sum + (truth.flipped[i] ?? 0), 0) / low.length;
      },
    },
  },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [
    {
      id: 'flags-are-right',
      statement:
        'Of the fifth of the pairs that the ensemble doubts most, at least 60 % are mislabelled on average, where a quarter of all are.',
      where: 'preference strength of an ensemble',
      kind: 'toy',
      refutedBy: 'a lower mean',
      left: ['cleaned', 'precision'],
      by: 'mean',
      bound: { atLeast: 0.6 },
      because: 'more than twice what a random fifth would hold',
      expected: 'holds',
    },
    {
      id: 'dropping-helps',
      statement:
        'On average, a reward model that is fitted without the fifth of the pairs that the ensemble doubts most is more accurate on new comparisons.',
      where: 'how pairs of low strength act on a reward model',
      kind: 'empirical',
      refutedBy: 'a mean gain that is not above 0',
      left: ['cleaned', 'accuracy'],
      right: ['plain', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim; not every seed gains',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 3 },
});
