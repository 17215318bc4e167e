import { rankCorrelation } from '../../core/rank-correlation.ts';
import { defineStudy } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const responses = 40;

interface Truth {
  readonly human: number[];
  readonly evaluator: number[];
  readonly generator: number[];
}

export const study = defineStudy<Truth>()({
  id: '23-factors',
  finding: 'A model’s own judgements can move its writing',
  mechanism:
    'A model may write by one factor and judge by another. Training it on its own judgements can move what it writes towards what it judges by.',
  setup:
    'Forty answers with a length and a quality. People’s score is quality and a tenth of length. The generator favours length, the evaluator quality with noise; DPO on 150 pairs of the generator’s, judged by the evaluator.',
  leavesOut:
    'An analogy: the two factors are made up, and the evaluator is built to agree with people. Only the size of the gain in agreement with people is found out; the formula’s correlations with each factor are not measured.',
  tex: '\\rho\\big(\\mathrm{factor},\\log\\pi\\big)\\ \\text{against}\\ \\rho\\big(\\mathrm{factor},\\mathrm{judge}\\big)',
  parameters: {
    noise: { label: 'Noise of the evaluator', symbol: '\\sigma', min: 0, max: 2, default: 0.3 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.3 },
    pairs: { label: 'Pairs', symbol: 'n', path: 'data.count', min: 20, max: 1000, default: 150, integer: true },
  },
  toy: (seed, { noise, beta, pairs }) => {
    const draws = new Draws(seed);
    const [length, quality] = [draws.normals(responses), draws.normals(responses)];
    const mix = (a: number, b: number) => quality.map((value, y) => a * value + b * (length[y] ?? 0));
    const generator = mix(0.3, 1.2);
    const evaluator = quality.map((value) => value + noise * draws.normal());
    return {
      experiment: {
        policy: { kind: 'tabular', logits: [generator] },
        pairs: [],
        data: { kind: 'deterministic', rewards: [evaluator], sampler: [generator], count: pairs },
        objective: { name: 'dpo', params: { beta } },
        optimizer: { kind: 'adam', learningRate: 0.1, steps: 60 },
      },
      truth: { human: mix(1, 0.1), evaluator, generator },
    };
  },
  arms: { trained: { label: 'Trained on its own judgements', train: ({ experiment }) => experiment } },
  measures: {
    before: { label: 'generator’s rank correlation with people, before', of: ({ truth }) => rankCorrelation(truth.generator, truth.human) },
    judge: { label: 'evaluator’s rank correlation with people', of: ({ truth }) => rankCorrelation(truth.evaluator, truth.human) },
    after: {
      label: 'generator’s rank correlation with people, after',
      of: ({ truth, trial }) => rankCorrelation(trial.outcomeLogps ?? [], truth.human),
    },
  },
  plot: { kind: 'scatter', x: 'before', y: 'after' },
  claims: [
    {
      id: 'evaluator-nearer',
      statement: 'The evaluator agrees with people more than the generator does, as it was built to.',
      where: 'generation against evaluation',
      kind: 'toy',
      refutedBy: 'a mean gap below 0.3',
      left: ['trained', 'judge'],
      right: ['trained', 'before'],
      by: 'mean',
      bound: { atLeast: 0.3 },
      because: 'about twice the deviation of a rank correlation of forty unrelated answers',
      expected: 'holds',
    },
    {
      id: 'closes-the-gap',
      statement: 'DPO on the generator’s own judgements brings it nearer to people, by at least 0.1 of rank correlation on average.',
      where: 'training on the model’s own evaluations',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['trained', 'after'],
      right: ['trained', 'before'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'a sixth of the gap between evaluator and generator',
      expected: 'holds',
    },
  ],
  seeds: { page: 16, test: 4 },
});
