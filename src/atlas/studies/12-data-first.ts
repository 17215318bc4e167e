import { expectedReward } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { logSoftmax } from '../../core/softmax.ts';
import type { Trial } from '../../core/trial.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Run } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { fitScorer, subtract, weightsOf } from '../toys/scorer.ts';

const [answers, dimensions, few] = [40, 10, 100];

interface Truth {
  /** [answer][feature] */
  readonly features: number[][];
  /** [answer] */
  readonly rewards: number[];
  /** for each cell of the grid its comparisons, best first, with labels as they came */
  readonly compared: [number, number][][];
}

/** The tasks in their order: whether the labels are the cleaner ones, whether a reward model is fitted, and whether to many of them. */
const cells = [false, true].flatMap((clean) => [false, true].flatMap((model) => [false, true].map((many) => ({ clean, model, many }))));

const policyOf = (pairs: readonly [number, number][], beta: number): Experiment => ({
  policy: { kind: 'tabular', logits: [new Array<number>(answers).fill(0)] },
  pairs: pairs.map(([chosen, rejected]): Pair => ({ prompt: 0, chosen, rejected })),
  objective: { name: 'dpo', params: { beta } },
  optimizer: { kind: 'adam', learningRate: 0.1, steps: 80 },
});

/** True reward of each cell: of DPO's policy as it was trained, of a reward model's at π ∝ e^{r̂ / β}. */
const rewardsOf = ({ trials, truth: { features, rewards }, values: { beta = 1 } }: Run<Truth>): number[] =>
  cells.map(({ model }, i) => {
    const trial: Trial = trials[i] ?? { final: {}, measures: {}, diverged: true };
    const scores = model ? features.map((row) => dot(weightsOf(trial), row) / beta) : (trial.outcomeLogps ?? []);
    return expectedReward(logSoftmax(scores), rewards);
  });

type Cell = (typeof cells)[number];
/** Mean of the cells with something, less mean of those without it, among some. */
const effect =
  (has: (cell: Cell) => boolean, among: (cell: Cell) => boolean = () => true) =>
  (run: Run<Truth>): number => {
    const all = rewardsOf(run);
    const over = (wanted: boolean) => mean(all.filter((_, i) => among(cells[i] as Cell) && has(cells[i] as Cell) === wanted));
    return over(true) - over(false);
  };

export const study = defineStudy<Truth>()({
  id: '12-data-first',
  finding: 'Here cleaner labels matter more than the algorithm',
  mechanism:
    'A wrong label teaches the wrong thing whichever algorithm reads it. A reward model shares what it learns between answers, so here its optimal policy is on average better than DPO’s on the same comparisons.',
  setup:
    'Forty answers with ten features; Bradley–Terry labels, of which 35 % or 5 % are turned round; DPO on 100 comparisons, or a reward model on 100 or 400 and its exact KL-regularised optimum.',
  headline:
    'PPO over DPO up to 2.5 % in mathematics and 1.2 % in general; better data up to 8 % in following instructions and truthfulness; larger reward models up to 5 % in mathematics, elsewhere little.',
  leavesOut:
    'Better data are labels with fewer errors here; in the paper they are other data sets. PPO is its exact optimum, DPO’s answers share nothing, and in place of a larger reward model stands the same one with more comparisons, which here gain nothing that shows. How large each effect is depends on the grid: other noise, sizes or features can give another order. Further prompts, the paper’s fourth factor, are not there.',
  tex: '\\mathcal L_{\\mathrm{DPO}};\\qquad\\pi\\propto\\pi_{\\mathrm{ref}}\\,e^{\\hat r/\\beta}',
  parameters: {
    noise: { label: 'Labels turned round in the worse data', symbol: '\\varepsilon_1', min: 0, max: 0.5, default: 0.35 },
    cleaner: { label: 'Labels turned round in the better data', symbol: '\\varepsilon_0', min: 0, max: 0.5, default: 0.05 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.1, max: 2, default: 0.5 },
    many: { label: 'Comparisons where the reward model has more', symbol: 'n', min: 100, max: 2000, default: 400, integer: true },
  },
  toy: (seed, { noise, cleaner, beta, many }) => {
    const draws = new Draws(seed);
    const features = draws.normalRows(answers, dimensions);
    const weights = draws.normals(dimensions, 1.5 / Math.sqrt(dimensions));
    const rewards = features.map((row) => dot(weights, row));
    const compared = (flips: number, count: number) =>
      Array.from({ length: count }, (): [number, number] => {
        const [a, b] = draws.two(answers);
        const isRight = draws.prefers((rewards[a] ?? 0) - (rewards[b] ?? 0)) !== draws.coin(flips) > 0;
        return isRight ? [a, b] : [b, a];
      });
    // what differs by its amount or its noise alone is drawn anew, and shared by DPO and the reward model
    const drawn = [noise, cleaner].map((flips) => [few, many].map((count) => compared(flips, count)));
    const of = ({ clean, many: isMany }: Cell) => drawn[Number(clean)]?.[Number(isMany)] ?? [];
    const all = cells.map(of);
    return { experiment: policyOf(all[0]?.slice(0, few) ?? [], beta), truth: { features, rewards, compared: all } };
  },
  arms: {
    all: {
      label: 'All eight combinations',
      train: ({ truth: { features, compared }, values: { beta = 1 } }) =>
        cells.map((cell, i) => {
          const data = compared[i] ?? [];
          if (!cell.model) return policyOf(data.slice(0, few), beta);
          const differences = data.map(([w, l]) => subtract(features[w] ?? [], features[l] ?? []));
          // its scale is the reward's, so the objective has no temperature that a reader could move
          return fitScorer(differences, {
            learningRate: 0.1,
            steps: 80,
            weightDecay: 1e-3,
            objective: { expression: '-logsigmoid(logp_w - logp_l)' },
          });
        }),
    },
  },
  measures: {
    data: { label: 'reward that cleaner labels add', of: effect(({ clean }) => clean) },
    algorithm: { label: 'reward that the model and its optimum add', of: effect(({ model }) => model) },
    amount: {
      label: 'reward that more comparisons add to the reward model',
      of: effect(
        ({ many }) => many,
        ({ model }) => model,
      ),
    },
  },
  plot: { kind: 'scatter', x: 'algorithm', y: 'data' },
  claims: [
    {
      id: 'data-first',
      statement: 'On average, turning round 5 % instead of 35 % of the labels adds more reward than a reward model adds over DPO.',
      where: 'data before algorithm',
      kind: 'empirical',
      refutedBy: 'a mean difference that is not above 0',
      left: ['all', 'data'],
      right: ['all', 'algorithm'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the order is the claim; single seeds differ',
      expected: 'holds',
    },
    {
      id: 'algorithm-second',
      statement:
        'On average over as many comparisons and four times as many, the reward model with its exact optimum adds reward over DPO.',
      where: 'PPO over DPO',
      kind: 'empirical',
      refutedBy: 'a mean gain that is not above 0',
      left: ['all', 'algorithm'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'holds',
    },
    {
      id: 'model-third',
      statement: 'Four times as many comparisons for the reward model add less reward on average than the reward model itself.',
      where: 'reward models after the algorithm',
      kind: 'empirical',
      refutedBy: 'a mean difference that is not above 0',
      left: ['all', 'algorithm'],
      right: ['all', 'amount'],
      by: 'mean',
      bound: { atLeast: 0 },
      because: 'the order is the claim',
      expected: 'holds',
    },
  ],
  seeds: { page: 24, test: 4 },
});
