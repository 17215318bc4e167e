import { defineGroupObjective, type GroupObjective } from '../group-objective.ts';
import { type GroupOptions, kls, levels, scales } from '../group-options.ts';
import type { ObjectiveParameter } from '../objective.ts';
import { nonnegative, positive } from '../parameters.ts';

const family = 'Policy gradient';

/** Weights of importance; exponents stay where float32 holds them. */
const ratios = {
  token: 'exp(min(logp_t - prev_t, 80))',
  // the geometric mean over tokens
  sequence: 'exp(min((logp_i - prev_i) / len_i, 80))',
  response: 'exp(min(logp_i - prev_i, 80))',
} as const;
/** Clipped importance weight times an advantage, as PPO maximises it. */
const clipped = (ratio: string, advantage: string, high = 'epsilonHigh') =>
  `min(${ratio} * ${advantage}, clip(${ratio}, 1 - epsilon, 1 + ${high}) * ${advantage})`;
/** Estimators of a token's KL to the reference. */
const divergences: Readonly<Record<string, string>> = {
  k1: 'logratio_t',
  k2: 'square(logratio_t) / 2',
  k3: '(expm1(min(-logratio_t, 80)) + logratio_t)',
};
const divergence = (kl: string) => `beta * ${divergences[kl]}`;
const centred = '(reward_i - mean_reward)';
const advantages: Readonly<Record<string, string>> = {
  group: `(${centred} / (reward_deviation + 1e-4))`,
  batch: `(${centred} / (batch_deviation + 1e-4))`,
  none: centred,
};
/** Rewards whitened over all responses, by the deviation that divides by their number. */
const whitened = '((reward_i - batch_mean) / max(batch_deviation * sqrt(max(batch_size - 1, 1) / batch_size), 1e-4))';
/** Where the advantage is positive, whatever divides it. */
const isBetter = 'reward_i > mean_reward';
/** The log-ratio of a token, clipped where it has gone far enough in the direction of the advantage. */
const clippedLogRatio = `where(${isBetter}, min(logp_t - prev_t, epsilonHigh), max(logp_t - prev_t, -epsilon))`;
/** A clip that bends: 4 / τ times the sigmoid of τ (ρ - 1), whose slope at ρ = 1 is 1. */
const softGate = (ratio: string, advantage: string) => {
  const temperature = `where(${isBetter}, sapoTemperaturePos, sapoTemperatureNeg)`;
  return `sigmoid(${temperature} * (${ratio} - 1)) * 4 / ${temperature} * ${advantage}`;
};
/** The reward less the KL to the reference where it was sampled, less its mean over the other responses. */
const leaveOneOut = '((count * (reward_i - beta * (prev_i - ref_i)) - sum(reward_j - beta * (prev_j - ref_j))) / max(count - 1, 1))';
/** The sum over a response's tokens of β KL - gain, with a gain of each token or the same one of all. */
const lossOfTokens = ({ level, kl }: Pick<GroupOptions, 'level' | 'kl'>, gain: (ratio: string, logp: string) => string) =>
  level === 'token'
    ? `sum_t(${divergence(kl)} - ${gain(ratios.token, 'logp_t')})`
    : `(sum_t(${divergence(kl)}) - len_i * ${gain(ratios.sequence, 'logp_i / len_i')})`;
const clippedTokens = ({ scaleRewards, ...options }: GroupOptions) =>
  lossOfTokens(options, (ratio) => clipped(ratio, advantages[scaleRewards] as string));

const epsilon: ObjectiveParameter = {
  default: 0.2,
  min: 0.01,
  max: 1,
  valid: positive,
  tex: '\\varepsilon',
  description: 'How far the probability ratio may move in the good direction before its gradient stops.',
  aliases: ['clip', 'clipping'],
};
const epsilonHigh: ObjectiveParameter = {
  ...epsilon,
  tex: '\\varepsilon_{\\mathrm{high}}',
  description: 'How far the ratio may rise above 1 where the advantage is positive before its gradient stops; ε where it is not given.',
  aliases: ['clipHigher'],
  follows: 'epsilon',
};
const klWeight: ObjectiveParameter = {
  default: 0,
  min: 0,
  max: 1,
  valid: nonnegative,
  tex: '\\beta',
  description: 'Weight of the estimated KL to the reference.',
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
/** What groups of different sizes, and mini-batches, leave open. */
const ofAllTokens = 'The tokens of all groups of the run are counted, whichever of them a mini-batch holds.';
const perResponse = 'Where groups differ in size, the mean over groups of the mean over their responses; TRL has groups of one size.';

export const objectives: readonly GroupObjective[] = [
  defineGroupObjective({
    id: 'reinforce',
    name: 'REINFORCE, mean of the group as baseline',
    family,
    paper: 'Williams, Machine Learning 8 (1992)',
    source: 'ours',
    options: { kl: kls, scaleRewards: ['none', 'group', 'batch'] },
    loss: ({ kl, scaleRewards }) => `(sum_t(${divergence(kl)}) - ${advantages[scaleRewards]} * logp_i) / count`,
    parameters: { beta: klWeight },
    onPolicy: true,
    behaviour:
      'Pushes responses below the mean down without bound when they are reused; on fresh samples, with rewards unscaled, its mean is (K - 1)/K of the policy gradient.',
    differences:
      'A baseline that holds the response itself shrinks the mean gradient to (K - 1)/K; RLOO’s does not. TRL 1.9 has no trainer of this name.',
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
      'A baseline must not depend on the response that it is taken off, and the minimum does: this is no policy gradient. It shows what the negative weights do.',
  }),
  defineGroupObjective({
    id: 'rloo',
    name: 'RLOO',
    family,
    paper: 'arXiv:2402.14740',
    source: 'huggingface/trl',
    options: { kl: ['k1'], scaleRewards: ['none'], level: ['sequence'] },
    loss: `-${clipped(ratios.response, leaveOneOut)} / count`,
    parameters: {
      beta: { ...klWeight, description: 'Weight of the KL to the reference, taken off the rewards as the responses were sampled.' },
      epsilon,
      epsilonHigh,
    },
    onPolicy: true,
    behaviour: 'Baseline is the mean of the other responses, so on fresh samples the gradient stays unbiased.',
    differences: `As in TRL the ratio of whole responses is clipped; the paper's loss, A log π, has the same gradient at the sampling policy. ${perResponse}`,
  }),
  defineGroupObjective({
    id: 'ppo',
    name: 'PPO-clip on groups',
    family,
    aliases: ['ppo_clip'],
    paper: 'arXiv:1707.06347',
    equation: '(7)',
    source: 'paper',
    loss: `-${clipped(ratios.response, centred, 'epsilon')} / count`,
    parameters: { epsilon },
    onPolicy: true,
    behaviour: 'Stops once the ratio has left the clip in the good direction, and never stops in the bad one.',
    differences:
      'The ratio is that of whole responses; trainers take one for each token by default, which is the same for responses of one token. Advantages are centred within the group, and there is no value model.',
  }),
  defineGroupObjective({
    id: 'grpo',
    name: 'GRPO',
    family,
    paper: 'arXiv:2402.03300',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales, level: levels },
    loss: (options) => `${clippedTokens(options)} / (len_i * count)`,
    parameters: { beta: klWeight, epsilon, epsilonHigh },
    onPolicy: true,
    behaviour:
      'Scaling by the group’s deviation, its default, makes a group with small differences of reward push about as hard as one with large ones.',
    differences: `A ratio of each token, and the mean over a response's tokens. TRL has k3 alone. ${perResponse}`,
  }),
  defineGroupObjective({
    id: 'dr_grpo',
    name: 'Dr. GRPO',
    family,
    paper: 'arXiv:2503.20783',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: ['none', 'group', 'batch'], level: levels },
    loss: (options) => `${clippedTokens(options)} / (count * where(maxLength > 0, maxLength, longest))`,
    parameters: {
      beta: klWeight,
      epsilon,
      epsilonHigh,
      maxLength: {
        default: 0,
        min: 0,
        max: 32,
        valid: nonnegative,
        tex: 'L_{\\max}',
        description: 'Tokens that every response is divided by, whatever its own length; with 0, those of the longest response.',
        aliases: ['maxCompletionLength'],
      },
    },
    onPolicy: true,
    behaviour:
      'By default neither the length of a response nor the deviation of the rewards divides: every token weighs the same, whatever its response’s length.',
    differences: `TRL scales by the group's deviation unless scale_rewards is set; as in the paper it is not done here by default. ${perResponse}`,
  }),
  defineGroupObjective({
    id: 'bnpo',
    name: 'Token mean (BNPO)',
    family,
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales, level: levels },
    loss: (options) => `${clippedTokens(options)} / mean_tokens`,
    parameters: { beta: klWeight, epsilon, epsilonHigh },
    onPolicy: true,
    behaviour: 'Every token weighs the same, so a response weighs in proportion to its length.',
    differences: `A choice of TRL's GRPOTrainer (loss_type bnpo), in no paper that we know of in this form. ${ofAllTokens}`,
  }),
  defineGroupObjective({
    id: 'dapo',
    name: 'DAPO',
    family,
    paper: 'arXiv:2503.14476',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales, level: levels },
    loss: (options) => `${clippedTokens(options)} / mean_tokens`,
    parameters: { beta: klWeight, epsilon, epsilonHigh },
    onPolicy: true,
    behaviour: 'A token mean whose upper clip can be the wider one, so that unlikely tokens may rise further before they stop.',
    differences: `The same as BNPO where all groups are one batch. The paper's ε_high is 0.28, it replaces groups of equal rewards by new ones, and treats overlong responses apart; here none of this is the default, and a group of equal rewards counts with its tokens unless the samples’ dropEqualRewards leaves it out. ${ofAllTokens}`,
  }),
  defineGroupObjective({
    id: 'cispo',
    name: 'CISPO',
    family,
    paper: 'arXiv:2506.13585',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales, level: levels },
    loss: ({ scaleRewards, ...options }) => {
      const loss = lossOfTokens(options, (ratio, logp) => `detach(min(${ratio}, epsilonHigh)) * ${advantages[scaleRewards]} * ${logp}`);
      return `${loss} / mean_tokens`;
    },
    parameters: {
      beta: klWeight,
      epsilonHigh: {
        default: 5,
        min: 0.1,
        max: 10,
        valid: positive,
        tex: '\\varepsilon_{\\mathrm{high}}',
        description: 'Largest importance weight; a larger one is capped there and still counts.',
      },
    },
    unread: ['epsilon'],
    onPolicy: true,
    behaviour: 'Caps the importance weight and keeps every gradient: no token drops out of the update for its ratio.',
    differences: `As in TRL the cap is ε_high itself, not added to 1, and there is no lower one. ${ofAllTokens}`,
  }),
  defineGroupObjective({
    id: 'gspo',
    name: 'GSPO',
    family,
    paper: 'arXiv:2507.18071',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales, level: ['sequence'] },
    loss: (options) => `${clippedTokens(options)} / (len_i * count)`,
    parameters: { beta: klWeight, epsilon, epsilonHigh },
    onPolicy: true,
    behaviour: 'A response is clipped as a whole, by the geometric mean of its tokens’ ratios.',
    differences: `GRPO at the level of sequences; the paper clips at 3e-4 and 4e-4, and has no KL, which stays one of each token here. ${perResponse}`,
  }),
  defineGroupObjective({
    id: 'gmpo',
    name: 'GMPO',
    family,
    paper: 'arXiv:2507.20673',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales },
    loss: ({ kl, scaleRewards }) => {
      const advantage = advantages[scaleRewards] as string;
      const weight = `exp(min(sum_t(${clippedLogRatio}) / len_i, 80))`;
      return `(sum_t(${divergence(kl)}) / len_i - ${weight} * ${advantage}) / count`;
    },
    parameters: {
      beta: klWeight,
      epsilon: { ...epsilon, default: 0.4, description: 'How far the log-ratio of a token may fall before its gradient stops.' },
      epsilonHigh: { ...epsilonHigh, default: 0.4, description: 'How far it may rise; ε where it is not given.' },
    },
    onPolicy: true,
    behaviour: 'One weight for a whole response, the geometric mean of its clipped ratios: a single far token counts for little.',
    differences: `As in TRL's experimental trainer ε is of log-ratios: ratios are clipped at exp(-ε) and exp(ε_high). ${perResponse}`,
  }),
  defineGroupObjective({
    id: 'sapo',
    name: 'SAPO',
    family,
    paper: 'arXiv:2511.20347',
    source: 'huggingface/trl',
    options: { kl: kls, scaleRewards: scales, level: levels },
    loss: ({ scaleRewards, ...options }) =>
      `${lossOfTokens(options, (ratio) => softGate(ratio, advantages[scaleRewards] as string))} / (len_i * count)`,
    parameters: {
      beta: klWeight,
      sapoTemperaturePos: {
        ...temperature,
        tex: '\\tau_{+}',
        description:
          'How soon a response with a positive advantage is pushed by less than its ratio times its advantage, as the ratio leaves 1.',
        aliases: ['temperaturePos'],
      },
      sapoTemperatureNeg: {
        ...temperature,
        default: 1.05,
        tex: '\\tau_{-}',
        description: 'The same where the advantage is not positive.',
        aliases: ['temperatureNeg'],
      },
    },
    unread: ['epsilon', 'epsilonHigh'],
    onPolicy: true,
    behaviour:
      'No ratio is cut off: the push falls short of ratio × advantage as the ratio leaves 1, on either side, and by default sooner for negative advantages.',
    differences: `A gate of each token, and the mean over a response's tokens, as in TRL. ${perResponse}`,
  }),
  defineGroupObjective({
    id: 'reinforce_plus_plus',
    name: 'REINFORCE++',
    family,
    paper: 'arXiv:2501.03262',
    source: 'words',
    options: { level: ['token'] },
    loss: `-sum_t(${clipped(ratios.token, whitened)}) / mean_tokens`,
    parameters: { epsilon, epsilonHigh },
    onPolicy: true,
    behaviour:
      'Compares a response with all responses of the batch, not with its group: on an easy prompt they are pulled up on average, on a hard one pushed down.',
    differences: `Rewards are whitened over responses; the paper’s are whitened over tokens, which is the same for responses of one length and no KL, or of one token. Its KL is a part of the reward, as klPenalty is of samples, and none of the loss. TRL has no trainer for it. ${ofAllTokens}`,
  }),
  defineGroupObjective({
    id: 'entropy_bonus',
    name: 'Entropy bonus, from samples',
    family,
    source: 'ours',
    // its value is an estimate of minus the entropy, and its slope one of minus the entropy’s
    loss: 'sum_t(detach(logp_t) * (logp_t - detach(logp_t)) + detach(logp_t)) / (len_i * count)',
    parameters: {},
    onPolicy: true,
    behaviour:
      'Pulls sampled responses up, unlikely ones hardest, so that on fresh samples of one token a small step raises the entropy on average; made to be mixed with another loss.',
    differences:
      'TRL adds the entropy of the whole distribution at each token (entropy_coef); this is an estimate of it from the tokens that were drawn, right on fresh samples alone.',
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
    differences: 'The exponent stops at 80, where float32 still holds the weights: from rewards of 80 T on they are alike.',
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
    behaviour:
      'Maximum likelihood of the best of each group: only the order of the rewards counts, not their size. On fresh samples it mostly climbs that order; with shared parameters it need not.',
  }),
];
