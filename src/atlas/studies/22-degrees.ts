import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, judgedBy, pairAccuracy, subtract, turnedBy, weightsOf } from '../toys/scorer.ts';

const [bits, tests, removed] = [16, 1000, 2];

interface Truth {
  readonly pairs: number[][];
  /** each copy less the next, poorer one */
  readonly degrees: number[][];
  readonly test: number[][];
}

export const study = defineStudy<Truth>()({
  id: '22-degrees',
  finding: 'Comparing winners with cut-down copies raises accuracy',
  mechanism:
    'Taking content out of a preferred answer step by step gives copies whose order is known without a label, as long as each loss does harm.',
  setup:
    'Answers of 16 content bits, each worth something; 25 comparisons, and of each winner three copies that lose two bits a step; 1000 new comparisons to test.',
  leavesOut:
    'Content is bits, and whatever is removed does harm. The paper’s own loss of degrees was not seen, a review of it tells of a classifier; here neighbours are compared.',
  tex: '\\mathcal L_{\\mathrm{DPO}}+\\gamma\\,\\mathcal L_{\\mathrm{degree}}',
  parameters: {
    pairs: { label: 'Comparisons', symbol: 'n', min: 5, max: 200, default: 25, integer: true },
    gamma: { label: 'Weight of the degrees', symbol: '\\gamma', min: 0, max: 3, default: 0.5 },
  },
  toy: (seed, { pairs }) => {
    const draws = new Draws(seed);
    const worth = draws.normals(bits, 2).map(Math.abs);
    const answer = (): number[] => draws.coins(bits, 0.6);
    const couples = Array.from({ length: pairs }, () => [answer(), answer()] as const);
    const judged = couples.map(([a, b]) => {
      const difference = judgedBy(worth, [subtract(a, b)], draws)[0] ?? [];
      return { difference, winner: difference.every((value, i) => value === (a[i] ?? 0) - (b[i] ?? 0)) ? a : b };
    });
    const degrees = judged.flatMap(({ winner }) => {
      const order = draws.permutation(bits).filter((bit) => winner[bit] === 1);
      return Array.from({ length: 3 }, (_, step) => {
        const gone = new Set(order.slice(removed * step, removed * (step + 1)));
        return winner.map((_, bit) => (gone.has(bit) ? 1 : 0));
      });
    });
    const test = turnedBy(
      worth,
      Array.from({ length: tests }, () => subtract(answer(), answer())),
    );
    const compared = judged.map(({ difference }) => difference);
    return { experiment: fitScorer(compared), truth: { pairs: compared, degrees, test } };
  },
  arms: {
    dpo: { label: 'DPO', train: ({ experiment }) => experiment },
    degrees: {
      label: 'DPO and degrees',
      train: ({ truth: { pairs, degrees }, values: { gamma = 0 } }) =>
        fitScorer([...pairs, ...degrees], { weights: [...pairs.map(() => 1), ...degrees.map(() => gamma / 3)] }),
    },
  },
  measures: { accuracy: { label: 'accuracy on new comparisons', of: ({ truth, trial }) => pairAccuracy(weightsOf(trial), truth.test) } },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [
    {
      id: 'free-order',
      statement:
        'With 25 comparisons, ordered copies of the winners raise accuracy on new comparisons by at least one percentage point on average.',
      where: 'the self-supervised degree term',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['degrees', 'accuracy'],
      right: ['dpo', 'accuracy'],
      by: 'mean',
      bound: { atLeast: 0.01 },
      because: 'ten of the thousand new comparisons',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 4 },
});
