import { expectedReward } from '../../core/exact.ts';
import type { Experiment, FeaturesPolicy, Pair } from '../../core/experiment.ts';
import { mean } from '../../core/numerics.ts';
import type { OnPolicyExperiment } from '../../core/on-policy.ts';
import { logSoftmax } from '../../core/softmax.ts';
import { dot } from '../../core/vectors.ts';
import { defineStudy, type Outcome, type Run, type World } from '../study.ts';
import { Draws } from '../toys/draws.ts';

const [answers, dimensions, tests] = [20, 5, 60];

interface Truth {
  /** [prompt][feature] those that are compared, and new ones */
  readonly hidden: number[][];
  readonly unseen: number[][];
  /** [prompt][answer] of new prompts, as it is; of compared ones, as the reward model has it */
  readonly rewards: number[][];
  readonly scores: number[][];
  /** one for each prompt, in its order */
  readonly pairs: Pair[];
  /** prompts by how far apart their two answers score, the farthest first: the easy half and the hard one */
  readonly easy: number[];
  readonly hard: number[];
}

const policyOf = (hidden: readonly (readonly number[])[], unembedding: readonly (readonly number[])[]): FeaturesPolicy => ({
  kind: 'features',
  hidden: hidden.map((row) => [...row]),
  unembedding: unembedding.map((row) => [...row]),
  train: 'unembedding',
});
const matrixOf = ({ final }: Pick<Outcome, 'final'>): number[][] => {
  const flat = Array.from(final['unembedding'] ?? []);
  return Array.from({ length: answers }, (_, y) => flat.slice(y * dimensions, (y + 1) * dimensions));
};
const startOf = ({ experiment }: World<Truth>): number[][] => (experiment.policy as FeaturesPolicy).unembedding;

/** DPO on the pairs of some prompts. */
const dpo = (world: World<Truth>, prompts: readonly number[]): Experiment => ({
  ...world.experiment,
  pairs: prompts.flatMap((prompt) => world.truth.pairs[prompt] ?? []),
});
/** REINFORCE on the reward model's scores at some prompts, with the KL to where it begins as a penalty. */
const rl = (
  { truth: { hidden, scores } }: World<Truth>,
  prompts: readonly number[],
  from: number[][],
  updates: number,
): OnPolicyExperiment => ({
  policy: policyOf(
    prompts.map((prompt) => hidden[prompt] ?? []),
    from,
  ),
  rewards: prompts.map((prompt) => scores[prompt] ?? []),
  method: { objective: { name: 'reinforce' } },
  // as many samples an update whichever prompts there are
  sampling: { groups: Math.round(hidden.length / prompts.length), n: 4, rounds: updates, updates: 1 },
  klPenalty: 0.3,
  optimizer: { kind: 'adam', learningRate: 0.03 },
});
/** Updates of RL, and of DPO before it. */
const roundsOf = ({ values: { rounds = 1 } }: World<Truth>): number => rounds;
const dpoUpdates = 60;
const everyPrompt = ({ truth: { hidden } }: World<Truth>): number[] => [...hidden.keys()];

/** Mean true reward over new prompts. */
const reward = ({ trial, truth: { unseen, rewards } }: Run<Truth>): number => {
  const matrix = matrixOf(trial);
  return mean(unseen.map((row, x) => expectedReward(logSoftmax(matrix.map((w) => dot(w, row))), rewards[x] ?? [])));
};

export const study = defineStudy<Truth>()({
  id: '35-easy-then-hard',
  finding: 'DPO first gives RL a head start',
  mechanism:
    'Pairs that a reward model finds far apart are used for DPO, which needs no samples and gives RL a better place to start from. RL then samples at the prompts whose pairs were too close to call, held near that start.',
  setup:
    'Sixty prompts with five features, twenty answers, one pair each; a reward model that is off by 0.6; 60 updates of DPO on the half with larger gaps, then 15 updates of REINFORCE on the other half, or 45; beside it, DPO on all pairs, and REINFORCE alone at all prompts for 15 updates, 45, or the 75 that DPO and REINFORCE have together. Tested on new prompts.',
  leavesOut:
    'The reward model’s errors are drawn for each answer, and its scores of any answer tell RL more than sixty labels tell DPO; in the paper the reward model is learned. REINFORCE stands for PPO. The formula is from the paper’s words: none was seen printed.',
  tex: '\\mathcal L_{\\mathrm{DPO}}\\ \\text{on}\\ |\\Delta\\hat r|>q;\\qquad\\max_\\pi\\ \\mathbb E_{x\\in D_{\\mathrm{hard}}}[\\hat r]-\\beta\\,\\mathrm{KL}(\\pi\\,\\|\\,\\pi_{\\mathrm{DPO}})',
  parameters: {
    beta: { label: 'Weight of the KL in RL', symbol: '\\beta', path: 'klPenalty', min: 0, max: 2, default: 0.3 },
    error: { label: 'Deviation of the reward model’s errors', symbol: '\\sigma', min: 0, max: 2, default: 0.6 },
    rounds: { label: 'Updates of RL', symbol: 't', min: 1, max: 100, default: 15, integer: true },
  },
  toy: (seed, { error }) => {
    const draws = new Draws(seed);
    const [hidden, unseen] = [draws.normalRows(60, dimensions), draws.normalRows(tests, dimensions)];
    const asked = draws.normalRows(answers, dimensions, 1 / Math.sqrt(dimensions));
    const start = draws.normalRows(answers, dimensions, 1 / Math.sqrt(dimensions));
    const truly = (row: readonly number[]) => asked.map((w) => dot(w, row));
    const scores = hidden.map((row) => truly(row).map((reward_) => reward_ + error * draws.normal()));
    const pairs = hidden.map((row, prompt): Pair => {
      const [a, b] = draws.two(
        answers,
        start.map((w) => dot(w, row)),
      );
      const rewards = truly(row);
      const isFirst = draws.prefers(2 * ((rewards[a] ?? 0) - (rewards[b] ?? 0)));
      return isFirst ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a };
    });
    const gap = ({ prompt, chosen, rejected }: Pair) =>
      Math.abs((scores[prompt]?.[chosen as number] ?? 0) - (scores[prompt]?.[rejected as number] ?? 0));
    const order = pairs.toSorted((a, b) => gap(b) - gap(a)).map(({ prompt }) => prompt);
    return {
      experiment: {
        policy: policyOf(hidden, start),
        pairs,
        objective: { name: 'dpo', params: { beta: 0.3 } },
        optimizer: { kind: 'adam', learningRate: 0.05, steps: dpoUpdates },
      },
      truth: {
        hidden,
        unseen,
        rewards: unseen.map(truly),
        scores,
        pairs,
        easy: order.slice(0, pairs.length / 2),
        hard: order.slice(pairs.length / 2),
      },
    };
  },
  arms: {
    all: { label: 'DPO on all pairs', train: (world) => dpo(world, everyPrompt(world)) },
    easy: { label: 'DPO on the easy half', train: (world) => dpo(world, world.truth.easy) },
    rl: { label: 'RL alone, all prompts', train: (world) => rl(world, everyPrompt(world), startOf(world), roundsOf(world)) },
    mixed: {
      label: 'DPO on the easy half, then RL on the hard half',
      train: (world) => dpo(world, world.truth.easy),
      next: [(world, [first]) => rl(world, world.truth.hard, first ? matrixOf(first) : startOf(world), roundsOf(world))],
    },
    rlLong: {
      label: 'RL alone, three times as long',
      train: (world) => rl(world, everyPrompt(world), startOf(world), 3 * roundsOf(world)),
    },
    rlAsMany: {
      label: 'RL alone, as many updates as DPO and RL together',
      train: (world) => rl(world, everyPrompt(world), startOf(world), dpoUpdates + roundsOf(world)),
    },
    mixedLong: {
      label: 'DPO, then RL three times as long',
      train: (world) => dpo(world, world.truth.easy),
      next: [(world, [first]) => rl(world, world.truth.hard, first ? matrixOf(first) : startOf(world), 3 * roundsOf(world))],
    },
  },
  measures: { reward: { label: 'true reward, new prompts', of: reward } },
  plot: { kind: 'strip', y: 'reward' },
  claims: [
    {
      id: 'over-rl',
      statement:
        'With as many samples and updates of RL, 15, and DPO’s 60 updates before them not counted, DPO on the easy half and then RL on the hard half end with at least 0.1 more reward on average than RL alone.',
      where: 'a better reference model for RL',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['mixed', 'reward'],
      right: ['rl', 'reward'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'a tenth of the deviation of the answers’ rewards',
      expected: 'holds',
    },
    {
      id: 'over-dpo',
      statement:
        'DPO on the easy half and then 45 updates of RL on the hard half end with at least 0.1 more reward on average than DPO on all pairs.',
      where: 'RL after DPO',
      kind: 'empirical',
      refutedBy: 'a smaller mean gain',
      left: ['mixedLong', 'reward'],
      right: ['all', 'reward'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'a tenth of the deviation of the answers’ rewards',
      expected: 'holds',
    },
    {
      id: 'as-many-updates',
      statement:
        'Where RL alone has the 60 updates of DPO as well, 75 in all, DPO on the easy half and then 15 updates of RL still end with at least 0.1 more reward on average.',
      where: 'what the head start costs; the toy’s question',
      kind: 'toy',
      refutedBy: 'a smaller mean gain',
      left: ['mixed', 'reward'],
      right: ['rlAsMany', 'reward'],
      by: 'mean',
      bound: { atLeast: 0.1 },
      because: 'the lead that is claimed where DPO’s updates are not counted',
      expected: 'does not hold',
      instead:
        'RL alone is then ahead, by 0.3 to 0.5 on average: the head start is one of samples and of updates of RL, for DPO samples nothing, and not of all updates.',
    },
    {
      id: 'lasts',
      statement: 'After 45 updates of RL, DPO first is still at least 0.1 of reward ahead of RL alone, in four seeds of five.',
      where: 'a better reference model for RL',
      kind: 'toy',
      refutedBy: 'surely fewer seeds than that',
      left: ['mixedLong', 'reward'],
      right: ['rlLong', 'reward'],
      by: { share: 0.8 },
      bound: { atLeast: 0.1 },
      because: 'the same lead as after 15',
      expected: 'does not hold',
      instead: 'Which of the two is ahead by then changes from seed to seed: RL alone samples at all prompts.',
    },
    {
      id: 'selection',
      statement: 'DPO on the easy half alone is at least as good as DPO on all pairs, in nine seeds of ten.',
      where: 'data selection; the toy’s question',
      kind: 'toy',
      refutedBy: 'surely fewer seeds than that',
      left: ['easy', 'reward'],
      right: ['all', 'reward'],
      by: { share: 0.9 },
      bound: { atLeast: 0 },
      because: 'the sign is the claim',
      expected: 'does not hold',
      instead: 'Half of the pairs is half of the data: which of the two is better changes from seed to seed.',
    },
  ],
  seeds: { page: 20, test: 4 },
});
