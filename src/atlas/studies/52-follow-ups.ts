import { expectedReward } from '../../core/exact.ts';
import type { Experiment, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import { distributionsOf } from '../measures.ts';
import { defineStudy, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';
import { commonness, followUps, likelihoodReward } from '../toys/people/follow-ups.ts';

const [prompts, answers, each] = [20, 10, 20];

interface Truth {
  /** [prompt][answer] */
  readonly qualities: number[][];
  readonly rewards: number[][];
  /** [prompt] two answers that are compared */
  readonly compared: { readonly prompt: number; readonly two: [number, number] }[];
}

/** DPO on the compared answers, the one that a score prefers being the chosen one. */
const labelledBy = ({ experiment, truth: { compared } }: World<Truth>, scores: readonly (readonly number[])[]): Experiment => ({
  ...experiment,
  pairs: compared.map(({ prompt, two: [a, b] }): Pair => {
    const isFirst = (scores[prompt]?.[a] ?? 0) > (scores[prompt]?.[b] ?? 0);
    return isFirst ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a };
  }),
});

export const study = defineStudy<Truth>()({
  id: '52-follow-ups',
  finding: 'Simulated follow-ups label nearly as well as quality',
  mechanism:
    'What a user would say next tells how the answer was taken. A language model’s log-likelihood of pleased follow-ups, less that of displeased ones, can therefore serve as a reward without labels of people.',
  setup:
    'Twenty prompts with ten answers; six follow-ups, of which quality favours three over the others; a scoring model whose logits are off by N(0, 0.5²); DPO on 400 pairs that are labelled by this reward, or by quality itself.',
  headline: 'On a par with strong reward models on 8 pairwise and 4 rating benchmarks.',
  leavesOut:
    'How follow-ups hang on quality is the simulator’s, and sets what can be had. How the paper combines the likelihoods into one reward was not seen: the difference of means is our reading.',
  tex: 'r(x,y)=\\frac1{|F^+|}\\sum_{f\\in F^+}\\log p(f\\mid x,y)-\\frac1{|F^-|}\\sum_{f\\in F^-}\\log p(f\\mid x,y)',
  parameters: {
    noise: { label: 'Noise of the scoring model’s logits', symbol: '\\sigma', min: 0, max: 5, default: 0.5 },
    beta: { label: 'Temperature', symbol: '\\beta', path: 'objective.params.beta', min: 0.05, max: 2, default: 0.5 },
  },
  toy: (seed, { noise, beta }) => {
    const draws = new Draws(seed);
    const qualities = draws.normalRows(prompts, answers);
    const common = commonness(draws);
    const rewards = qualities.map((row) => followUps(draws, row, common, noise).map(likelihoodReward));
    const compared = Array.from({ length: prompts * each }, (_, i) => ({ prompt: i % prompts, two: draws.two(answers) }));
    return {
      experiment: {
        policy: { kind: 'tabular', logits: qualities.map((row) => row.map(() => 0)) },
        pairs: [],
        objective: { name: 'dpo', params: { beta } },
        optimizer: { kind: 'adam', learningRate: 0.05, steps: 100 },
      },
      truth: { qualities, rewards, compared },
    };
  },
  arms: {
    followUps: { label: 'Labelled by follow-ups', train: (world) => labelledBy(world, world.truth.rewards) },
    quality: { label: 'Labelled by quality', train: (world) => labelledBy(world, world.truth.qualities) },
  },
  measures: {
    quality: {
      label: 'expected quality',
      of: (run) => mean(distributionsOf(run).map((row, x) => expectedReward(row, run.truth.qualities[x] ?? []))),
    },
    right: {
      label: 'labels that are right',
      of: ({ trained, truth: { qualities } }) =>
        'pairs' in trained
          ? mean(
              trained.pairs.map(({ prompt, chosen, rejected }) =>
                Number((qualities[prompt]?.[chosen as number] ?? 0) > (qualities[prompt]?.[rejected as number] ?? 0)),
              ),
            )
          : Number.NaN,
    },
  },
  plot: { kind: 'strip', y: 'quality' },
  claims: [
    {
      id: 'labels',
      statement: 'In nearly all seeds, follow-ups label at least 85 % of the pairs as quality would.',
      where: 'the reward on pairwise benchmarks',
      kind: 'empirical',
      refutedBy: 'a smaller share in more than a tenth of the seeds',
      left: ['followUps', 'right'],
      by: { share: 0.9 },
      bound: { atLeast: 0.85 },
      because: 'ten percentage points above a judge whose noise is as large as the differences that it judges, which is right in 75 %',
      expected: 'holds',
    },
    {
      id: 'gain',
      statement:
        'Trained on labels by follow-ups, the policy’s expected quality is, in nearly all seeds, at least 0.5; that of answers drawn at random is 0 on average.',
      where: 'alignment with mined pairs',
      kind: 'empirical',
      refutedBy: 'a smaller gain in more than a tenth of the seeds',
      left: ['followUps', 'quality'],
      by: { share: 0.9 },
      bound: { atLeast: 0.5 },
      because: 'half a deviation of the answers’ quality, whose mean is 0',
      expected: 'holds',
    },
    {
      id: 'near-quality',
      statement: 'Labels by follow-ups give on average at most 0.1 less expected quality than labels by quality itself.',
      where: 'compared with reward models',
      kind: 'toy',
      refutedBy: 'a larger mean loss',
      left: ['quality', 'quality'],
      right: ['followUps', 'quality'],
      by: 'mean',
      bound: { atMost: 0.1 },
      because: 'a tenth of a deviation of the answers’ quality',
      expected: 'holds',
    },
  ],
  seeds: { page: 29, test: 4 },
});
