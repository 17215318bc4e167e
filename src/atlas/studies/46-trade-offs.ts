import type { Experiment } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, weightsOf } from '../toys/scorer.ts';

const [dimensions, examples] = [5, 80];

interface Task {
  readonly inputs: number[][];
  readonly targets: number[];
}
interface Truth {
  readonly tasks: readonly [Task, Task];
}

/** Least squares on some examples: the scorer's margin is ⟨w, x⟩, and the gap of its rewards the target. */
function regression(parts: readonly { readonly task: Task; readonly weight: number }[]): Experiment {
  const targets = parts.flatMap(({ task }) => task.targets);
  const experiment = fitScorer(
    parts.flatMap(({ task }) => task.inputs),
    {
      weights: parts.flatMap(({ task, weight }) => task.targets.map(() => weight)),
      objective: { expression: 'square(margin - reward_gap)' },
      steps: 150,
    },
  );
  return { ...experiment, pairs: experiment.pairs.map((pair, i) => ({ ...pair, rewards: [targets[i] ?? 0, 0] })) };
}

/** Mean squared errors of both tasks, weighed as the trade-off asks. */
const lossOf = ({ truth: { tasks }, values: { weight = 0 } }: Run<Truth>, weights: readonly number[]): number => {
  const [first, second] = tasks.map(({ inputs, targets }) => mean(inputs.map((row, i) => (dot(weights, row) - (targets[i] ?? 0)) ** 2)));
  return weight * (first ?? Number.NaN) + (1 - weight) * (second ?? Number.NaN);
};

export const study = defineStudy<Truth>()({
  id: '46-trade-offs',
  finding: 'Mixed models mostly beat the last on trade-offs',
  mechanism:
    'The paper is about continual learning: up to three models are kept for each task, and a trade-off between tasks is served by a convex combination of all of them, without any training. Its preferences are such trade-offs, and nothing is learned from comparisons.',
  setup:
    'Two linear regressions with five inputs and 80 examples each; the weights of both, combined as the trade-off says, beside the last task’s alone and those retrained for the trade-off; errors on the same examples.',
  headline:
    'Average accuracy up to 23 % and peak accuracy up to 15 % better, with at most three models trained; a later version, under another title, has other numbers.',
  leavesOut:
    'An analogy, and out of scope: there is no objective of preferences, so there is no claim. The released code keeps Gaussians, up to three a task, combines their means and deviations, and draws models from where the result is dense; here it is one mean a task. At equal weights, the combination’s mean squared error is about a third above that of weights retrained for the trade-off. Two papers on arXiv had this title, 2305.14782 and 2310.02995.',
  tex: '\\mathcal N\\Big(\\sum_iw_i\\mu_i,\\ \\sum_iw_i\\sigma_i\\Big)',
  parameters: {
    weight: { label: 'Weight of the first task', symbol: 'w_1', min: 0, max: 1, default: 0.5 },
    noise: { label: 'Noise of the targets', symbol: '\\sigma', min: 0, max: 2, default: 0.3 },
  },
  toy: (seed, { weight, noise }) => {
    const draws = new Draws(seed);
    const task = (): Task => {
      const [truly, scales] = [draws.normals(dimensions), Array.from({ length: dimensions }, () => 0.5 + 1.5 * draws.uniform())];
      const inputs = draws.normalRows(examples, dimensions).map((row) => row.map((value, i) => value * (scales[i] ?? 1)));
      return { inputs, targets: inputs.map((row) => dot(truly, row) + noise * draws.normal()) };
    };
    const tasks = [task(), task()] as const;
    return {
      experiment: regression([
        { task: tasks[0], weight },
        { task: tasks[1], weight: 1 - weight },
      ]),
      truth: { tasks },
    };
  },
  arms: {
    combined: {
      label: 'Both tasks’ models, combined',
      train: ({ truth: { tasks } }) => tasks.map((task) => regression([{ task, weight: 1 }])),
    },
    last: { label: 'The last task’s model', train: ({ truth: { tasks } }) => regression([{ task: tasks[1], weight: 1 }]) },
    retrained: { label: 'Retrained for the trade-off', train: ({ experiment }) => experiment },
  },
  measures: {
    loss: {
      label: 'squared error, weighed by the trade-off',
      of: (run) => {
        const { weight = 0 } = run.values;
        const [first = [], second] = run.trials.map(weightsOf);
        return lossOf(run, second ? first.map((value, i) => weight * value + (1 - weight) * (second[i] ?? 0)) : first);
      },
    },
  },
  plot: { kind: 'law', y: 'loss', over: 'weight', at: [0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1] },
  claims: [],
  seeds: { page: 16, test: 2 },
});
