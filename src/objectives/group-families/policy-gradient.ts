import { defineGroupObjective, type GroupObjective } from '../group-objective.ts';
import type { ObjectiveParameter } from '../objective.ts';
import { nonnegative, positive } from '../parameters.ts';

const family = 'Policy gradient';

/** Clipped importance weight times an advantage, as PPO maximises it. Exponents stay where float32 holds them. */
const clipped = (advantage: string) => {
  const ratio = 'exp(min(logp_i - prev_i, 80))';
  return `min(${ratio} * ${advantage}, clip(${ratio}, 1 - epsilon, 1 + epsilon) * ${advantage})`;
};
const epsilon: ObjectiveParameter = {
  default: 0.2,
  min: 0.01,
  max: 1,
  valid: positive,
  tex: '\\varepsilon',
  description: 'How far the probability ratio may move in the good direction before its gradient stops.',
  aliases: ['clip', 'clipping'],
};
const temperature: ObjectiveParameter = {
  default: 1,
  min: 0.05,
  max: 10,
  valid: positive,
  tex: 'T',
  description: 'Temperature of the weights; a small one leaves only the best responses.',
  aliases: ['temperature'],
};
const ratioOfResponses =
  'The ratio is that of whole responses; trainers take one for each token by default, which is the same for responses of one token.';

export const objectives: readonly GroupObjective[] = [
  defineGroupObjective({
    id: 'reinforce',
    name: 'REINFORCE, mean of the group as baseline',
    family,
    paper: 'Williams, Machine Learning 8 (1992)',
    source: 'ours',
    loss: '-(reward_i - mean_reward) * logp_i / count',
    parameters: {},
    onPolicy: true,
    behaviour:
      'Pushes responses below the mean down without bound when they are reused; on fresh samples its mean is (K - 1)/K of the policy gradient.',
    differences: 'A baseline that holds the response itself shrinks the mean gradient to (K - 1)/K; RLOO’s does not.',
  }),
  defineGroupObjective({
    id: 'reinforce_no_baseline',
    name: 'REINFORCE without baseline',
    family,
    paper: 'Williams, Machine Learning 8 (1992)',
    source: 'ours',
    loss: '-reward_i * logp_i / count',
    parameters: {},
    onPolicy: true,
    behaviour: 'Unbiased on fresh samples, and noisy: with positive rewards every sampled response is pulled up.',
  }),
  defineGroupObjective({
    id: 'reinforce_minimum',
    name: 'REINFORCE, minimum of the group as baseline',
    family,
    paper: 'Williams, Machine Learning 8 (1992)',
    source: 'ours',
    loss: '-(reward_i - lowest_reward) * logp_i / count',
    parameters: {},
    onPolicy: true,
    behaviour: 'No sample has a negative weight; one with a low reward can still lose probability to those with higher ones.',
    differences:
      'A baseline may not hang on the response that it is taken off, and the minimum does: this is no policy gradient. It shows what the negative weights do.',
  }),
  defineGroupObjective({
    id: 'rloo',
    name: 'RLOO',
    family,
    paper: 'arXiv:2402.14740',
    source: 'ours',
    loss: '-(reward_i - mean_reward) * logp_i / max(count - 1, 1)',
    parameters: {},
    onPolicy: true,
    behaviour: 'Baseline is the mean of the other responses, so on fresh samples the gradient stays unbiased.',
    differences: 'TRL clips the ratio of whole responses; this is the unclipped loss at the sampling policy.',
  }),
  defineGroupObjective({
    id: 'ppo',
    name: 'PPO-clip on groups',
    family,
    aliases: ['ppo_clip', 'dr_grpo'],
    paper: 'arXiv:1707.06347',
    equation: '(7)',
    source: 'paper',
    loss: `-${clipped('(reward_i - mean_reward)')} / count`,
    parameters: { epsilon },
    onPolicy: true,
    behaviour: 'Stops once the ratio has left the clip in the good direction, and never stops in the bad one.',
    differences: `${ratioOfResponses} Advantages are centred within the group, as Dr. GRPO's (arXiv:2503.20783), and there is no value model.`,
  }),
  defineGroupObjective({
    id: 'grpo',
    name: 'GRPO',
    family,
    paper: 'arXiv:2402.03300',
    source: 'huggingface/trl',
    loss: `(beta * (exp(min(ref_i - logp_i, 80)) - (ref_i - logp_i) - 1) - ${clipped('((reward_i - mean_reward) / (reward_deviation + 1e-4))')}) / count`,
    parameters: {
      beta: {
        default: 0,
        min: 0,
        max: 1,
        valid: nonnegative,
        tex: '\\beta',
        description: 'Weight of the estimated KL to the reference.',
      },
      epsilon,
    },
    onPolicy: true,
    behaviour: 'Scaling by the deviation makes a group with small differences of reward push about as hard as one with large ones.',
    differences: ratioOfResponses,
  }),
  defineGroupObjective({
    id: 'rwr',
    name: 'RWR (reward-weighted regression)',
    family,
    paper: 'Peters and Schaal, ICML 2007',
    source: 'words',
    loss: '-exp(min(reward_i / T, 80)) * logp_i / count',
    parameters: { T: temperature },
    onPolicy: true,
    behaviour: 'Weighted maximum likelihood: no weight is negative, and they grow exponentially with the reward.',
  }),
  defineGroupObjective({
    id: 'awr',
    name: 'AWR (advantage-weighted regression)',
    family,
    paper: 'arXiv:1910.00177',
    source: 'words',
    loss: '-exp(min((reward_i - mean_reward) / T, 80)) * logp_i / count',
    parameters: { T: temperature },
    behaviour: 'RWR with weights relative to the group, so that adding a constant to all rewards changes nothing.',
    differences: 'The advantage is the reward less the group mean; the paper fits a value function.',
  }),
  defineGroupObjective({
    id: 'best_of_n',
    name: 'Best-of-N distillation',
    family,
    aliases: ['raft'],
    paper: 'arXiv:2304.06767',
    source: 'words',
    loss: 'where(place_i == 1, -logp_i, 0)',
    parameters: {},
    onPolicy: true,
    behaviour: 'Maximum likelihood of the best of each group: on fresh samples it climbs the order of the rewards, whatever their size.',
  }),
];
