import { defineGroupObjective, type GroupObjective } from '../group-objective.ts';
import { type GroupOptions, lossTypes } from '../group-options.ts';
import type { ObjectiveParameter } from '../objective.ts';
import { beta, nonnegative, unitInterval } from '../parameters.ts';

const family = 'Pairs of own samples';

/** What a pair of responses loses, the better one first: of equal rewards the one that was drawn first is the better. */
const pairLosses: Readonly<Record<string, string>> = {
  sigmoid: '-logsigmoid(beta * (logratio_i - logratio_j))',
  ipo: 'square(logratio_i - logratio_j - 1 / (2 * beta))',
};
const overAllPairs = (loss: string | undefined) => `sum_after(${loss}) / max(count * (count - 1) / 2, 1)`;
const tiesAndRepeats =
  'As in TRL a pair of equal rewards counts, the response that was drawn first as the better one, and so does a response against itself, which pushes nothing. TRL draws two responses; of more, all pairs count.';

/** The share of the reference in the mixture that GKD compares with, off its ends, and the log of the policy's over it. */
const share = 'clip(beta, 1e-6, 1 - 1e-6)';
const offset = `log(1 / ${share} - 1)`;
/** How much likelier a token is under the reference, and under the policy, than where it was drawn. */
const [taught, own] = ['exp(min(ref_t - prev_t, 80))', 'exp(min(logp_t - prev_t, 80))'];
/** Of a token that was drawn: its mean over all tokens is the divergence, and it is 0 wherever the two policies agree. */
const divergences = {
  forward: `${taught} * (ref_t - logp_t) + ${own} - ${taught}`,
  reverse: `${own} * logratio_t - ${own} + 1`,
  between: `-(${share} * ${taught} * (log(${share}) + softplus(logratio_t + ${offset})) + (1 - ${share}) * ${own} * (log(1 - ${share}) + softplus(-logratio_t - ${offset})))`,
} as const;

const optimism: ObjectiveParameter = {
  default: 1e-5,
  min: 0,
  max: 1,
  valid: nonnegative,
  tex: '\\alpha',
  description: 'How hard the likelihood of the reference’s responses is pushed down, so that others are tried.',
};

export const objectives: readonly GroupObjective[] = [
  defineGroupObjective({
    id: 'online_dpo',
    name: 'Online DPO',
    family,
    paper: 'arXiv:2402.04792',
    source: 'huggingface/trl',
    loss: overAllPairs(pairLosses['sigmoid']),
    parameters: { beta: beta() },
    onPolicy: true,
    behaviour: 'DPO on pairs that the policy has just drawn: only what it still says is compared, and only the order of rewards counts.',
    differences: tiesAndRepeats,
  }),
  defineGroupObjective({
    id: 'online_ipo',
    name: 'Online IPO',
    family,
    paper: 'arXiv:2403.08635',
    source: 'huggingface/trl',
    loss: overAllPairs(pairLosses['ipo']),
    parameters: { beta: beta() },
    onPolicy: true,
    behaviour: 'Every pair that is drawn is asked for the same margin, 1/(2β): one that has passed it is pushed back.',
    differences: `TRL’s OnlineDPOTrainer with loss_type ipo, on sums of log-probs, where its DPOTrainer takes means. ${tiesAndRepeats}`,
  }),
  defineGroupObjective({
    id: 'xpo',
    name: 'XPO',
    family,
    paper: 'arXiv:2405.21046',
    source: 'huggingface/trl',
    options: { lossType: lossTypes },
    loss: ({ lossType }: GroupOptions) =>
      `sum_after(where(opponent_i == opponent_j, 0, ${pairLosses[lossType]})) / max(opponents * (count - opponents), 1) + alpha * opponent_i * logp_i / max(opponents, 1)`,
    parameters: { beta: beta(), alpha: optimism },
    mixtureCoef: 1,
    onPolicy: true,
    behaviour:
      'Compares own responses with the reference’s, and beside that pushes the reference’s down a little, so that others are tried.',
    differences:
      'As in TRL the optimism is of the reference’s samples, and equal rewards count as the policy’s win. TRL draws one response of each; of more, all pairs of one with the other count. TRL may change α from epoch to epoch.',
  }),
  defineGroupObjective({
    id: 'nash_md',
    name: 'Nash-MD',
    family,
    paper: 'arXiv:2312.00886',
    source: 'huggingface/trl',
    loss: '(1 - opponent_i) * (beta * sum_t(detach(logratio_t) * logp_t) - sum(opponent_j * (sigmoid(reward_i - reward_j) - 1 / 2)) / max(opponents, 1) * logp_i) / max(count - opponents, 1)',
    parameters: {
      beta: {
        default: 0.1,
        min: 0,
        max: 1,
        valid: nonnegative,
        tex: '\\beta',
        description: 'Weight of the KL to the reference, by the tokens that were drawn.',
      },
    },
    mixtureCoef: 0.5,
    onPolicy: true,
    behaviour:
      'Plays against a mixture of itself and the reference: a response gains by how probably it beats the mixture’s, not by its reward.',
    differences:
      'As in TRL the preference is σ(r - r′), and the KL has no term for what a token leads to: of responses of several tokens it is not the gradient of the sequences’ KL. TRL draws one response and one opponent; of more, each response plays all opponents.',
  }),
  defineGroupObjective({
    id: 'gkd',
    name: 'GKD (on-policy distillation)',
    family,
    aliases: ['distillation', 'on_policy_distillation'],
    paper: 'arXiv:2306.13649',
    source: 'huggingface/trl',
    loss: `sum_t(where(beta <= 0, ${divergences.forward}, where(beta >= 1, ${divergences.reverse}, ${divergences.between}))) / mean_tokens`,
    parameters: {
      beta: {
        default: 0.5,
        min: 0,
        max: 1,
        valid: unitInterval,
        tex: '\\beta',
        description:
          '0 is the forward KL, 1 the reverse KL, which seeks modes. Between them is the Jensen–Shannon divergence, which pushes less and less towards either end.',
      },
    },
    onPolicy: true,
    behaviour: 'Draws the policy to the reference, which is then the teacher; where the two agree nothing is pushed. Rewards are not read.',
    differences:
      'TRL sums over the whole vocabulary at each token that was drawn; this is an estimate from the drawn token alone, with the same mean: its gradient’s mean over what could have been drawn is TRL’s. TRL’s temperature of 0.9 is of the sampling.',
  }),
];
