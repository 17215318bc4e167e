import { mean, sigmoid } from '../../core/numerics.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fidelity } from '../toys/people/local-fit.ts';
import { fitScorer, weightsOf } from '../toys/scorer.ts';

const [inputs, units, people, explained, near] = [4, 32, 600, 120, 60];

interface Truth {
  /** [unit][input] and [unit] of the random features */
  readonly weights: number[][];
  readonly bias: number[];
  /** points that are explained, and whether they are of the smaller group */
  readonly asked: { readonly point: number[]; readonly isMinority: boolean; readonly around: number[][] }[];
}

const featuresOf = ({ weights, bias }: Pick<Truth, 'weights' | 'bias'>, point: readonly number[]): number[] =>
  weights.map((row, h) => Math.tanh(dot(row, point) + (bias[h] ?? 0)));

/** Mean fidelity of local linear explanations of the classifier, within a group. */
const fidelityOf =
  (ofMinority: boolean) =>
  ({ trial, truth }: Run<Truth>): number => {
    const fitted = weightsOf(trial);
    const chance = (point: readonly number[]) => sigmoid(dot(fitted, featuresOf(truth, point)));
    return mean(truth.asked.filter(({ isMinority }) => isMinority === ofMinority).map(({ around }) => fidelity(around, chance)));
  };

export const study = defineStudy<Truth>()({
  id: '70-explained-groups',
  finding: 'Explanations’ faithfulness differs where data are shifted',
  mechanism:
    'The paper is about explanations of classifiers, and how their faithfulness differs between groups of people. The toy shows one cause: where a smaller group’s data are shifted, a linear function fits the classifier there differently well.',
  setup:
    'A classifier on 32 random features, 600 people of whom 30 % are in a group whose four inputs are shifted by 2; linear functions fitted to 60 points near each of 120 others, and judged on the same points, after training, on the CPU.',
  headline:
    'In simulations, disparities grow with covariate shift, concept shift and omitted covariates; on Adult data, with the latter two. There is no objective of preferences.',
  leavesOut:
    'An analogy, and out of scope: nothing of preferences is trained, so there is no claim. Here the shifted group’s explanations are the more faithful ones. Other causes that the paper varies are not here.',
  tex: '\\mathrm{fid}=1-\\mathbb E\\,|f(x^\\prime)-\\hat f_{\\mathrm{lin}}(x^\\prime)|',
  parameters: {
    shift: { label: 'Covariate shift of the smaller group', symbol: '\\Delta', min: 0, max: 4, default: 2 },
    share: { label: 'Share of the smaller group', symbol: 's', min: 0.1, max: 0.5, default: 0.3 },
  },
  toy: (seed, { shift, share }) => {
    const draws = new Draws(seed);
    const [weights, bias] = [draws.normalRows(units, inputs), draws.normals(units)];
    const person = () => {
      const isMinority = draws.coin(share) === 1;
      return { isMinority, point: draws.normals(inputs).map((value) => value + (isMinority ? shift : 0)) };
    };
    // the better answer is yes or no: a comparison of the two for each person, by features
    const labelled = Array.from({ length: people }, person).map(({ point }) => {
      const [a = 0, b = 0, c = 0, d = 0] = point;
      const isYes = draws.prefers(1.5 * a + Math.sin(2 * b) + 0.8 * c * d);
      return featuresOf({ weights, bias }, point).map((value) => (isYes ? value : -value));
    });
    const asked = Array.from({ length: explained }, person).map((one) => ({
      ...one,
      around: Array.from({ length: near }, () => one.point.map((value) => value + 0.6 * draws.normal())),
    }));
    return { experiment: fitScorer(labelled, { learningRate: 0.05, steps: 80 }), truth: { weights, bias, asked } };
  },
  arms: { classifier: { label: 'Classifier', train: ({ experiment }) => experiment } },
  measures: {
    larger: { label: 'faithfulness, larger group', of: fidelityOf(false) },
    smaller: { label: 'faithfulness, smaller group', of: fidelityOf(true) },
    gap: { label: 'difference of faithfulness', of: (run) => Math.abs(fidelityOf(false)(run) - fidelityOf(true)(run)) },
  },
  plot: { kind: 'law', y: 'gap', over: 'shift', at: [0, 1, 2, 3] },
  claims: [],
  seeds: { page: 16, test: 2 },
});
