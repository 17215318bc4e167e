import { mean, sigmoid } from '../../core/numerics.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, weightsOf } from '../toys/scorer.ts';

interface Truth {
  /** quality of the better answer less the other’s, one for each test */
  readonly gaps: number[];
}

/** Chances that the fitted judge picks the better answer where it stands second, and where it stands first. */
const chances = ({ truth, trial }: Run<Truth>): [number, number][] => {
  const [quality = 0, order = 0] = weightsOf(trial);
  return truth.gaps.map((gap) => [sigmoid(quality * gap + order), sigmoid(quality * gap - order)]);
};

export const study = defineStudy<Truth>()({
  id: '71-order-of-answers',
  finding: 'Verdicts that survive swapping are right more often',
  mechanism:
    'The paper is a study of biases of language models as judges. The toy beside it is an analogy: a judge that likes what it reads last errs by the order. Asked both ways round, it is right more often where it says the same twice.',
  setup:
    'A judge fitted to 400 verdicts of one that scores an answer by twice its quality, and adds 1 for the second; its exact chances on 1000 tests, in one order and in both.',
  headline:
    'System prompts lowered biases by up to 19 %, self-reflection by up to 16 %; examples gained up to 27 % on preferences, unevenly on facts.',
  leavesOut:
    'An analogy, and no claim: no language model judges here, the bias is put in, and swapping is not among the three remedies of the paper’s abstract. Verdicts that agree are fewer and easier, and part of the gain is just that; the evidence is the study.',
  tex: 'P(\\mathrm{win})=\\sigma(2\\,\\Delta q\\pm b)',
  parameters: {
    bias: { label: 'Bonus of the second answer', symbol: 'b', min: 0, max: 4, default: 1 },
    pairs: { label: 'Verdicts to learn from', symbol: 'n', min: 50, max: 2000, default: 400, integer: true },
  },
  toy: (seed, { bias, pairs }) => {
    const draws = new Draws(seed);
    // one row: quality of the second answer less the first's, and the bonus that the second has
    const verdicts = Array.from({ length: pairs }, () => {
      const gap = draws.normal();
      return draws.prefers(2 * gap + bias) ? [gap, 1] : [-gap, -1];
    });
    return { experiment: fitScorer(verdicts, { steps: 80 }), truth: { gaps: draws.normals(1000).map(Math.abs) } };
  },
  arms: { judge: { label: 'Fitted judge', train: ({ experiment }) => experiment } },
  measures: {
    once: { label: 'right in one order', of: (run) => mean(chances(run).map(([second, first]) => (second + first) / 2)) },
    twice: {
      label: 'right where both orders agree',
      of: (run) => {
        const both = chances(run);
        const [right, wrong] = [mean(both.map(([a, b]) => a * b)), mean(both.map(([a, b]) => (1 - a) * (1 - b)))];
        return right / (right + wrong);
      },
    },
    agree: { label: 'verdicts on which both orders agree', of: (run) => mean(chances(run).map(([a, b]) => a * b + (1 - a) * (1 - b))) },
  },
  plot: { kind: 'scatter', x: 'once', y: 'twice' },
  claims: [],
  seeds: { page: 16, test: 3 },
});
