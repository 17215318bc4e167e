import { defineStudy } from '../study.ts';
import { type Answered, answersByBand, answersOfTwoValues, fitTwoValues, fitWithTies } from '../toys/dominance.ts';
import { Draws } from '../toys/draws.ts';
import { weightsOf } from '../toys/scorer.ts';

const items = 30;
interface Truth {
  readonly compared: Answered[];
  readonly test: Answered[];
}

export const study = defineStudy<Truth>()({
  id: '65-incomparable',
  finding: 'Here two values predict “neither” better than one',
  mechanism:
    'The paper is philosophical: it argues that preferences are not all that alignment is about. The toy beside it is an analogy of one argument. Where two values count and neither gives way, a judge may have no answer. A single utility with a band of ties can leave options undecided too, but only those that are near each other in one order.',
  setup:
    'Thirty items with two values; the judge answers only where one item is better in both. About three quarters of the 435 comparisons to learn from.',
  leavesOut:
    'An analogy, in a model of our own that the paper does not have, so there is no claim here: answers are made by two values, and two values are fitted. What the paper says of how values ought to be treated is not a matter of numbers.',
  tex: 'P(a\\succ b)=\\prod_d\\sigma(u_a^d-u_b^d),\\quad P(\\text{neither})=1-P(a\\succ b)-P(b\\succ a)',
  parameters: { share: { label: 'Comparisons to learn from', symbol: 'q', min: 0.2, max: 0.9, default: 0.75 } },
  toy: (seed, { share }) => {
    const draws = new Draws(seed);
    const values = draws.normalRows(items, 2);
    const [compared, test]: [Answered[], Answered[]] = [[], []];
    for (let a = 0; a < items; a++)
      for (let b = 0; b < a; b++) {
        const better = [0, 1].map((d) => Math.sign((values[a]?.[d] ?? 0) - (values[b]?.[d] ?? 0)));
        const answer = better[0] === better[1] ? (better[0] as 1 | -1) : 0;
        (draws.coin(share) ? compared : test).push({ a, b, answer });
      }
    // small and different starts: of two values that begin alike, neither could become the other's opposite
    const start = draws.normalRows(2, items, 0.05);
    return { experiment: fitTwoValues(items, start, compared), truth: { compared, test } };
  },
  arms: {
    two: { label: 'Two values', train: ({ experiment }) => experiment },
    one: { label: 'One utility, with ties', train: ({ truth: { compared } }) => fitWithTies(items, compared) },
  },
  measures: {
    accuracy: {
      label: 'new comparisons answered right, of three answers',
      of: ({ trial, trained, truth: { compared, test } }) => {
        const answer = trained.policy.kind === 'sequence' ? answersOfTwoValues(trial, items) : answersByBand(weightsOf(trial), compared);
        return test.filter(({ a, b, answer: right }) => answer(a, b) === right).length / test.length;
      },
    },
  },
  plot: { kind: 'strip', y: 'accuracy' },
  claims: [],
  seeds: { page: 24, test: 4 },
});
