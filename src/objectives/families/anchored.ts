import { defineObjective } from '../define.ts';
import type { Objective } from '../objective.ts';
import { beta, nonnegative, positive, real } from '../parameters.ts';

const family = 'Each response on its own';
const weight = (which: string, tex: string, alias: string) => ({
  default: 1,
  min: 0,
  max: 4,
  valid: nonnegative,
  tex,
  description: `Weight of the ${which} responses.`,
  aliases: [alias],
});

export const objectives: readonly Objective[] = [
  defineObjective({
    id: 'nca_pair',
    name: 'NCA (pairs)',
    family,
    aliases: ['nca'],
    paper: 'arXiv:2402.05369',
    loss: '-logsigmoid(beta * score_w) - logsigmoid(-beta * score_w) / 2 - logsigmoid(-beta * score_l) / 2',
    parameters: { beta: beta() },
    behaviour: 'Pulls the chosen ratio π/π_ref to the point σ(β h) = 2/3 and the rejected one down, so the chosen one is not displaced.',
  }),
  defineObjective({
    id: 'bco_pair',
    name: 'BCO (pairs, no shift)',
    family,
    paper: 'arXiv:2404.04656',
    loss: '-logsigmoid(beta * score_w) - logsigmoid(-beta * score_l)',
    parameters: { beta: beta() },
    behaviour: 'Two logistic regressions: the chosen log-ratio is pushed above 0 and the rejected one below.',
    differences: 'As in present TRL and Liger; TRL up to 0.24 and LLaMA-Factory subtract the running mean reward (see bco).',
  }),
  defineObjective({
    id: 'bco',
    name: 'BCO (running reward shift)',
    family,
    paper: 'arXiv:2404.04656',
    loss: '-(logsigmoid(beta * (logratio_w - mean_logratio)) + undesirableWeight * logsigmoid(beta * (mean_logratio - logratio_l))) / 2',
    parameters: { beta: beta(), undesirableWeight: weight('undesirable', '\\omega', 'omega') },
    behaviour: 'The boundary follows the mean reward of everything seen so far, so that a common drift of all responses is not corrected.',
    differences: "The mean over a pair's two responses, as in TRL's BCOTrainer; its running mean counts each batch before it is used.",
  }),
  defineObjective({
    id: 'kto',
    name: 'KTO (on pairs)',
    family,
    paper: 'arXiv:2402.01306',
    loss: '(desirableWeight * (1 - sigmoid(beta * (logratio_w - kl_baseline))) + undesirableWeight * (1 - sigmoid(beta * (kl_baseline - logratio_l)))) / 2',
    parameters: {
      beta: beta(),
      desirableWeight: weight('desirable', '\\lambda_D', 'lambdaD'),
      undesirableWeight: weight('undesirable', '\\lambda_U', 'lambdaU'),
    },
    behaviour: 'Saturates on both sides: robust to outliers, but it also gives hard examples up.',
    differences:
      "The baseline is the batch's own mean log-ratio, at least 0; TRL's KTOTrainer estimates it on mismatched prompts and responses instead.",
  }),
  defineObjective({
    id: 'apo_zero',
    name: 'APO-zero',
    family,
    paper: 'arXiv:2408.06266',
    loss: '(1 - sigmoid(beta * logratio_w)) + sigmoid(beta * logratio_l)',
    parameters: { beta: beta() },
    behaviour: 'Anchored at the reference: raises the chosen response, lowers the rejected one, and lets go of both far from 0.',
  }),
  defineObjective({
    id: 'apo_zero_unpaired',
    name: 'APO-zero (unpaired, on pairs)',
    family,
    paper: 'arXiv:2408.06266',
    loss: '((1 - sigmoid(beta * logratio_w)) + sigmoid(beta * logratio_l)) / 2',
    parameters: { beta: beta() },
    behaviour: 'KTO with its baseline at 0: half of APO-zero, because the mean runs over responses.',
  }),
  defineObjective({
    id: 'dro',
    name: 'DRO (given the value)',
    family,
    loss: '(square(reward_w - baseline - tau * logratio_w) + square(reward_l - baseline - tau * logratio_l)) / 4',
    parameters: {
      tau: { default: 1, min: 0.01, max: 5, valid: positive, tex: '\\tau', description: 'Reward asked for by one nat of log-ratio.' },
      baseline: {
        default: 0,
        min: -5,
        max: 5,
        valid: real,
        tex: 'V',
        description: 'Value of the prompt, which the method learns; here it is given.',
      },
    },
    behaviour: 'Each log-ratio regresses on its own advantage; a wrong value moves both responses the same way.',
    differences:
      'The mean over a pair’s two responses of half the square; the method itself learns the value of each prompt beside the policy.',
  }),
  defineObjective({
    id: 'apo_down',
    name: 'APO-down',
    family,
    paper: 'arXiv:2408.06266',
    loss: 'sigmoid(beta * logratio_w) + (1 - sigmoid(beta * (score_w - score_l)))',
    parameters: { beta: beta() },
    behaviour: 'Lowers both responses, the rejected one more: for pairs whose chosen response is worse than what the policy writes.',
  }),
];
